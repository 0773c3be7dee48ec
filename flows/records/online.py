"""Addresses in records: what can be downloaded becomes an asset, the rest a link."""

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pystac

from flows.records.facts import Online
from infrastructure.addresses import split

REMOTE = ("http://", "https://", "s3://")
"""Addresses of assets; a record from elsewhere names no file of this machine."""

LINKED = (*REMOTE, "ftp://", "ftps://", "sftp://")

SERVICE = re.compile(
    r"^(ogc|esri|opendap|wms|wmts|wfs|wcs|csw|sos|wps)\b|service=w|/(wms|wfs|wcs|dodsC|MapServer)\b",
    re.IGNORECASE,
)

MEDIA_TYPE = re.compile(r"(application|image|text|audio|video|model)/[\w.+-]+", re.IGNORECASE)

TYPES = {
    ".tif": "image/tiff", ".tiff": "image/tiff", ".jp2": "image/jp2", ".png": "image/png",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".bmp": "image/bmp",
    ".svg": "image/svg+xml", ".pdf": "application/pdf", ".html": "text/html", ".htm": "text/html",
    ".csv": "text/csv", ".txt": "text/plain", ".json": "application/json",
    ".geojson": "application/geo+json", ".xml": "application/xml", ".zip": "application/zip",
    ".gz": "application/gzip", ".tgz": "application/gzip", ".tar": "application/x-tar",
    ".nc": "application/netcdf", ".nc4": "application/netcdf", ".h5": "application/x-hdf5",
    ".hdf": "application/x-hdf", ".gpkg": "application/geopackage+sqlite3",
    ".kml": "application/vnd.google-earth.kml+xml", ".kmz": "application/vnd.google-earth.kmz",
    ".grib": "application/wmo-GRIB2", ".grb": "application/wmo-GRIB2",
    ".grib2": "application/wmo-GRIB2", ".laz": "application/vnd.laszip",
}  # fmt: skip
"""Suffix of a file -> media type."""

PAGES = {".html", ".htm", ".pdf", ".txt", ".xml", ".json", ".bmp", ".gif", ".png", ".jpg", ".jpeg"}
"""Suffixes of files that are not the data unless the record says that they are a download."""

URI = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
"""An address of the web as RFC 3986 has it; records have blanks and other signs in some."""

UNFIT = re.compile(r"""[\s<>"{}|\\^`]""")
"""Signs that addresses cannot have (RFC 3987, 2.2)."""


def attach(item: pystac.Item, online: list[Online], previews: list[Online]) -> None:
    """Give an item the assets and links that a record's addresses are.

    A preview is an asset with the role `thumbnail`; a file to download one with the role `data`.
    Of the rest, a service is linked as `item` (a way to the data), a place to download that is no
    file by itself as `enclosure`, and anything else as `via`.

    Raises:
        Unreadable: one of them is no address.
    """
    for preview in map(_encoded, previews):
        if preview.href.startswith(REMOTE):
            _add(item, preview, "thumbnail", "thumbnail")
    seen = {asset.href for asset in item.assets.values()}
    for address in map(_encoded, online):
        if not address.href.startswith(LINKED) or address.href in seen:
            continue
        seen.add(address.href)
        relation = _relation(address)
        if relation == "enclosure" and _is_file(address):
            _add(item, address, address.title or _file_name(address.href), "data")
        else:
            item.add_link(_link(address, relation))


def _encoded(online: Online) -> Online:
    """With blanks and other signs that addresses cannot have in their encoded form."""
    return replace(online, href=UNFIT.sub(lambda sign: quote(sign[0]), online.href))


def media_type(online: Online) -> str | None:
    """What the record, or else the suffix, says."""
    for said in (online.protocol, online.title):
        if said and MEDIA_TYPE.fullmatch(said):
            return said.lower()
    return TYPES.get(_suffix(online.href))


def _relation(online: Online) -> str:
    if SERVICE.search(online.protocol or "") or SERVICE.search(online.href):
        return "item"
    says = f"{online.function or ''} {online.protocol or ''}".lower()
    data = _suffix(online.href) in TYPES.keys() - PAGES
    return "enclosure" if data or "download" in says or "enclosure" in says else "via"


def _is_file(online: Online) -> bool:
    return online.href.startswith(REMOTE) and not online.href.endswith("/")


def _add(item: pystac.Item, online: Online, name: str, role: str) -> None:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or role
    taken = sum(key == base or re.fullmatch(rf"{base}-\d+", key) is not None for key in item.assets)
    key = f"{base}-{taken + 1}" if taken else base
    asset = pystac.Asset(
        online.href, online.title, online.description, media_type(online), [role],
        _known({"iso:protocol": online.protocol, "iso:function": online.function}),
    )  # fmt: skip
    item.add_asset(key, asset)


def _link(online: Online, relation: str) -> pystac.Link:
    more = {
        "description": online.description,
        "protocol": online.protocol,
        "iso:function": online.function,
        "iso:operation": online.operation,
    }
    kind = media_type(online)
    return pystac.Link(relation, online.href, kind, online.title, extra_fields=_known(more))


def _known(fields: dict[str, str | None]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value}


def _file_name(href: str) -> str:
    return PurePosixPath(split(href).path).stem


def _suffix(href: str) -> str:
    return PurePosixPath(split(href).path).suffix.lower()
