"""XML from elsewhere, parsed without entities, network or surprises."""

from lxml import etree

from infrastructure.errors import Unreadable

MOST = 64 * 2**20
"""Bytes that a document may have."""

DEPTH = 100
"""Levels of elements that a document may have."""

TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEPTH + 1)})")
"""Whether the document of an element has more levels: asked of libxml2, not level by level."""

TAGS = 5_000_000
"""Tags that a document may have: an element takes some sixty bytes, however short it is."""


def parse(content: bytes, subject: str) -> etree._Element:
    """The root of a document.

    Args:
        content: The document.
        subject: What it is, for the message of an error.

    Raises:
        Unreadable: it is no well-formed XML, declares entities, or is too large or too deep.
    """
    if len(content) > MOST:
        raise Unreadable(f"{subject}: XML of more than {MOST} bytes")
    if content.count(b"<") > TAGS:
        raise Unreadable(f"{subject}: XML of more than {TAGS} tags")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"{subject}: no well-formed XML: {error}") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(declared.entities()):  # type: ignore[union-attr]  # its stub
        raise Unreadable(f"{subject}: XML that declares entities is not taken")
    if TOO_DEEP(root):
        raise Unreadable(f"{subject}: XML of more than {DEPTH} levels")
    return root
