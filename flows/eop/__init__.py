"""Observations and Measurements for Earth observation: finding its documents (OGC 10-157r4)."""

from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from flows.packages.content import read

NAMESPACE = "http://www.opengis.net/"

KINDS = {"eop", "opt", "sar", "alt", "atm", "lmb", "ssp"}
"""The standard's own schema, and those of its thematic extensions."""


def is_record(content: bytes | None) -> bool:
    """Whether a document is one, by the name of its first element."""
    if not content:
        return False
    start = etree.iterparse(
        BytesIO(content), events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        _, root = next(start)
    except (etree.XMLSyntaxError, StopIteration):
        return False
    name = etree.QName(root)
    kind = (name.namespace or "").removeprefix(NAMESPACE).partition("/")[0]
    return name.localname == "EarthObservation" and kind in KINDS


def documents(files: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of the documents among the files of a product, but of no folder below."""
    for name, href in sorted(files.items()):
        if name.lower().endswith(".xml") and "/" not in name and is_record(content := read(href)):
            yield name, content
