"""A folder or bucket of products: scenes in folders, packages, archives, and files alone.

A folder of a package (`*.SAFE`, `*.SEN3`, `*.zarr`, or one that holds `manifest.safe` or
`xfdumanifest.xml`) is one product with all that is below it, and a `.zip`, `.tar`, `.tgz` or
`.tar.gz` is one, wherever they lie. Where files alone are products, an image and what else has its
base name (EO-O&M, worldfile, overviews) are one. Hidden files, and files that a program has not
finished by their name (`.part`, `.tmp`, `.filepart`, `.crdownload` ...), are left out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flows.found import Found
from flows.packages import notices
from flows.packages.bucket import Bucket
from flows.packages.files import File, Product
from flows.packages.local import Local
from flows.packages.names import ARCHIVES, RASTERS, matches
from flows.packages.products import Grouping, Scene
from flows.packages.rules import Rules
from flows.scope import Scope
from infrastructure.errors import Misconfigured, Unreachable, Unreadable
from infrastructure.storage import open_store


def search(  # noqa: PLR0913 - each is an option of the collection file
    scope: Scope,
    *,
    url: str,
    scene: Scene = "folder",
    include: list[str] | None = None,
    exclude: list[str] | None = None,
    settle: str | float | None = None,
    marker: str | None = None,
) -> Iterator[Found]:
    """List the products below a folder, in order of their names.

    A listing tells everything each time; nothing is pushed to the upstream. A name that cannot be
    told, or a folder that cannot be read, is a `Found` with an error.

    Args:
        scope: Only `base` is used, for a relative `url`.
        url: Local path, `file:///folder` or `s3://bucket/prefix`; also one archive or image.
        scene: `folder`: all files of one folder are one product, but files that lie in the root
            itself are products alone (of Landsat, CBERS, MODIS, GOES and NAIP: scene by scene);
            `file`: each image is one, with what has its base name, wherever it lies; `root`: all
            that is below is one.
        include: Patterns (`*`, `?`, `[...]`; case ignored) of the products wanted. A pattern with
            a slash is held against the path below the root, others against the name. A product
            that has several files is wanted if it, or one of them, fits. By default all; of files
            alone the usual suffixes of rasters and archives.
        exclude: Patterns of files and folders that are left out, of products too.
        settle: How long nothing of a product may have changed before it is taken: a duration of
            ISO 8601 (`PT5M`) or seconds. What is younger is left to the next run.
        marker: Name or pattern (`*.done`, `manifest.safe`) of a file without which a product is
            not ready, and left to the next run. It lies among the product's files; for a file
            alone, beside it under its base name.

    Raises:
        Unreachable: the folder or bucket cannot be listed.
        Unreadable: there is nothing in it, or a bucket's names cannot be told.
        Misconfigured: `settle` is no duration.
    """
    rules = Rules.of(scene, include, exclude, settle, marker)
    place, only = _open(scope.base, url)
    grouping = Grouping(place.name, rules.scene, rules.alone)
    files = _beside(place, only, grouping, rules) if only else place.walk(rules.leave_out)
    products = (
        product
        for product in grouping.products(files)
        if rules.wanted(product) and only in (None, product.name, *product.files)
    )
    first = next(products, None)
    if first is None:
        raise Unreadable(f"{place.href(only or '')} holds no products")
    for product in chain([first], products):
        if rules.ready(product):
            yield _found(place, product)


def from_event(
    scope: Scope, body: bytes | dict[str, Any], *, url: str, **options: Any
) -> Iterator[Found]:
    """The products that a notice of a bucket's changes is about, as a listing finds them.

    So a product has the same id and fingerprint both ways, and is never taken twice. One that is
    gone is a tombstone; one that is not ready is left to the next listing.

    Args:
        scope: As of `search`.
        body: What S3 sends when objects are created or removed: see flows/packages/notices.py.
        url: As of `search`, but of a bucket; changes elsewhere are nothing to it.
        options: As of `search`.

    Raises:
        Invalid: the body is no such message.
        Unreachable: the bucket cannot be listed.
        Misconfigured: the source is no bucket, or an option is wrong.
    """
    place, _ = _open(scope.base, url)
    if not isinstance(place, Bucket):
        raise Misconfigured(f"{url} is no bucket, and has no events")
    rules = Rules.of(**options)
    grouping = Grouping(place.name, rules.scene, rules.alone)
    for name, product in notices.products(body, place, grouping, rules):
        if product is None:
            yield Found(upstream_id=name, fingerprint="", deleted=True)
        elif rules.wanted(product) and rules.ready(product):
            yield _found(place, product)


def _open(base: Path, url: str) -> tuple[Local | Bucket, str | None]:
    """Where to look, and the name of the one product there that is meant, if it is a file."""
    if url.startswith("s3://"):
        around, _, name = url.rstrip("/").rpartition("/")
        if matches(name, (*ARCHIVES, *RASTERS)) and urlsplit(around).netloc:
            return Bucket(open_store(around)), name
        return Bucket(open_store(url)), None
    path = Path(unquote(urlsplit(url).path)) if url.startswith("file:") else base / url
    path = path.resolve()
    if path.is_file():
        return Local(path.parent), path.name
    if not path.is_dir():
        raise Unreachable(f"{path} is no folder")
    return Local(path), None


def _beside(place: Local | Bucket, name: str, grouping: Grouping, rules: Rules) -> Iterator[File]:
    """A file and those that are one product with it."""
    files = place.starting(grouping.common(name) or name)
    return (file for file in files if not rules.leave_out(file.path))


def _found(place: Local | Bucket, product: Product) -> Found:
    if product.error:
        digest = blake2b(product.error.encode(), digest_size=16)
        return Found(product.name, digest.hexdigest(), error=product.error)
    digest = blake2b(digest_size=16)
    for file in product.files.values():
        digest.update(f"{file.path}\0{file.size}\0{file.version}\n".encode())
    return Found(
        upstream_id=product.name,
        fingerprint=digest.hexdigest(),
        files={name: place.href(file.path) for name, file in product.files.items()},
        changed=datetime.fromtimestamp(product.changed, UTC),
    )
