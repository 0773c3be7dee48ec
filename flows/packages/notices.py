"""Notices of a bucket's changes, and the products that they are about.

A notice says only which object changed. What became of its product is looked up in the bucket, in
the way a listing does it: notices come late, twice and out of order, and name one file of many.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.ceph.com/en/latest/radosgw/notifications/
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import orjson

from flows.packages.bucket import Bucket
from flows.packages.files import File, Product
from flows.packages.names import (
    ARCHIVES,
    MANIFESTS,
    bases,
    folders,
    matches,
    package,
    parent,
    scene,
    stem,
)
from flows.packages.products import Grouping
from flows.packages.rules import Rules
from infrastructure.errors import Invalid

CHANGES = ("objectcreated", "objectremoved", "objectrestore", "objectlifecycle", "lifecycle")
"""How the names of events begin, whose objects may be new or gone."""


def products(
    body: bytes | dict[str, Any], bucket: Bucket, grouping: Grouping, rules: Rules
) -> Iterator[tuple[str, Product | None]]:
    """The names of the products that a message is about, and what they are now; None: gone.

    Args:
        body: Event message in JSON (`Records`), as Amazon, MinIO and Ceph send it; also inside a
            message of Amazon's SNS. Keys in it are URL-encoded, as in a form.
        bucket: Where the products are.
        grouping: What makes products of files.
        rules: What is left out.

    Raises:
        Invalid: the body is no such message.
        Unreachable: the bucket cannot be listed.
    """
    seen: set[str] = set()
    for path in dict.fromkeys(_paths(body, bucket)):
        if any(rules.leave_out(part) for part in folders(path)):
            continue
        for name, product in _touched(path, bucket, grouping, rules):
            if name not in seen:
                seen.add(name)
                yield name, product


def _paths(body: bytes | dict[str, Any], bucket: Bucket) -> Iterator[str]:
    """Paths below the bucket's root of what changed."""
    message = _json(body)
    if isinstance(message.get("Message"), str):
        message = _json(message["Message"].encode())
    try:
        for record in message.get("Records", []):
            kind = str(record["eventName"]).lower().removeprefix("s3:")
            place, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
            address = f"s3://{place}/{unquote_plus(key)}"
            path = address.removeprefix(f"{bucket.store.root}/")
            if kind.startswith(CHANGES) and path != address and _is_clean(path):
                yield path
    except (KeyError, TypeError, AttributeError) as error:
        raise Invalid(f"no event message of S3: {error!r}") from error


def _json(body: bytes | dict[str, Any]) -> dict[str, Any]:
    try:
        message = body if isinstance(body, dict) else orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"no event message of S3: no JSON: {error}") from error
    if not isinstance(message, dict):
        raise Invalid("no event message of S3: no JSON object")
    return message


def _is_clean(path: str) -> bool:
    """Whether a listing would have it: folders' markers and odd names it has not."""
    return not {"", ".", ".."} & set(path.split("/"))


def _touched(
    path: str, bucket: Bucket, grouping: Grouping, rules: Rules
) -> Iterator[tuple[str, Product | None]]:
    name, files = _region(path, bucket, grouping, rules)
    found = list(grouping.products(file for file in files if not rules.leave_out(file.path)))
    for product in found:
        paths = {file.path for file in product.files.values()}
        if product.name == name or path in paths or grouping.by_file(parent(path)):
            yield product.name, product
    if name and name not in {product.name for product in found}:
        yield name, None


def _region(
    path: str, bucket: Bucket, grouping: Grouping, rules: Rules
) -> tuple[str | None, Iterator[File]]:
    """The name of the product that a file is or was of, and the files that tell what it is now."""
    if grouping.scene == "root":
        return grouping.name, bucket.walk(rules.leave_out)
    around = package(path) or next(
        (folder for folder in ["", *folders(parent(path))] if _has_manifest(bucket, folder)), None
    )
    if around is not None:
        return around or grouping.name, bucket.walk(rules.leave_out, around)
    if grouping.by_file(parent(path)):
        name = grouping.name_of(path)
        return name, bucket.starting(grouping.common(path) or _common(path, bucket, grouping))
    if matches(path, ARCHIVES):
        return path, bucket.starting(f"{stem(path)}.")
    return parent(path), bucket.beside(path)


def _common(path: str, bucket: Bucket, grouping: Grouping) -> str:
    """How the paths of the product's files begin that a file goes with; its own if with none."""
    begun = scene(path) if grouping.scene == "folder" else None
    for common in [*([begun] if begun else []), *(f"{base}." for base in bases(path))]:
        if any(grouping.common(file.path) == common for file in bucket.starting(common)):
            return common
    return path


def _has_manifest(bucket: Bucket, folder: str) -> bool:
    return any(bucket.has(f"{folder}/{name}".lstrip("/")) for name in MANIFESTS)
