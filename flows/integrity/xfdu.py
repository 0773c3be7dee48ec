"""Manifests in XFDU (CCSDS 661.0-B-1): Sentinel's manifest.safe and xfdumanifest.xml.

A `dataObject` has a `byteStream` with its size, the place of the file relative to the manifest, and
its checksum: MD5, or SHA3-256 in Sentinel-2 since processing baseline 04.00.
"""

from lxml import etree

from flows.integrity.entry import ALGORITHMS, Entry, checksum, inside
from infrastructure import safe_xml
from infrastructure.errors import Invalid


def entries(manifest: str, content: bytes) -> list[Entry]:
    """The files that a manifest names.

    Args:
        manifest: Its name, for messages.
        content: The XML.

    Raises:
        Unreadable: it is no well-formed XML.
        Invalid: a place, size or checksum in it is none.
    """
    root = safe_xml.parse(content, manifest)
    return [_entry(manifest, stream) for stream in root.iter("{*}byteStream")]


def _entry(manifest: str, stream: etree._Element) -> Entry:
    place = stream.find("{*}fileLocation")
    path = inside(manifest, "" if place is None else place.get("href", ""))
    size = stream.get("size")
    if size is not None and not size.isdecimal():
        raise Invalid(f"{manifest}: '{size}' of {path} is no size")
    return Entry(path, None if size is None else int(size), *_sum(manifest, path, stream))


def _sum(manifest: str, path: str, stream: etree._Element) -> tuple[str, str] | tuple[None, None]:
    told = stream.find("{*}checksum")
    if told is None:
        return None, None
    name = told.get("checksumName", "")
    algorithm = ALGORITHMS.get(name.upper().replace("-", ""))
    if algorithm is None:
        raise Invalid(f"{manifest}: '{name}' of {path} is no kind of checksum that is known")
    return algorithm, checksum(manifest, path, algorithm, told.text or "")
