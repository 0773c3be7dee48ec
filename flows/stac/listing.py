"""Which files a path, folder or pattern stands for."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flows.stac.files import WEB, path
from infrastructure.errors import Unreadable
from infrastructure.storage import open_store

FORMS = re.compile(r"\.(ndjson|jsonl|json|geojson|parquet|geoparquet)(\.gz)?$", re.IGNORECASE)
"""Files of a folder that may hold items, by name."""

WILD = re.compile(r"[*?\[]")


def listing(url: str, base: Path) -> list[str]:
    """Addresses of files, sorted.

    Args:
        url: A file, a folder, or a pattern with `*`, `?` and `**`: path, or file or s3 address;
            or the http(s) address of one file.
        base: Folder that a relative path starts from.

    Raises:
        Unreadable: there is none.
        Unreachable: the bucket cannot be listed.
    """
    parts = urlsplit(url)
    if parts.scheme in WEB:
        return [url]
    if parts.scheme == "s3":
        found = _bucket(url)
    else:
        place = path(url) if parts.scheme == "file" else base / url
        found = [file.absolute().as_uri() for file in _local(place)]
    if not found:
        raise Unreadable(f"{url}: there is no such file")
    return sorted(found)


def _local(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if place.is_dir():
        return [file for file in place.rglob("*") if FORMS.search(file.name) and file.is_file()]
    wild = next((n for n, part in enumerate(place.parts) if WILD.search(part)), None)
    if wild is None:
        return []
    folder, pattern = Path(*place.parts[:wild]), str(Path(*place.parts[wild:]))
    return [file for file in folder.glob(pattern) if file.is_file()]


def _bucket(url: str) -> list[str]:
    bucket = "/".join(url.split("/", 3)[:3])
    key = unquote(url.removeprefix(bucket).strip("/"))
    if FORMS.search(key) and not WILD.search(key):
        return [f"{bucket}/{key}"]
    prefix = WILD.split(key)[0].rpartition("/")[0] if WILD.search(key) else key
    wanted = re.compile(_expression(key)) if WILD.search(key) else FORMS
    keys = (meta["path"] for meta in open_store(bucket).list(prefix))
    return [f"{bucket}/{name}" for name in keys if wanted.search(name)]


def _expression(pattern: str) -> str:
    """A regular expression for a pattern, whose `*` stays within a folder."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return f"^{''.join(words.get(part, re.escape(part)) for part in parts)}$"
