"""A record as an element of a larger answer: its document, its fingerprint, its dates."""

from datetime import UTC, datetime
from hashlib import blake2b

from lxml import etree


def document(element: etree._Element) -> bytes:
    """A document of its own, with the namespaces that its ancestors declare."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8", with_tail=False)


def fingerprint(element: etree._Element) -> str:
    """A digest of what it says: not of comments, order of attributes, or prefixes around it."""
    try:
        content = etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, with_tail=False
        )
    except etree.C14NError:  # version 1 of Canonical XML wants namespaces to be absolute URIs
        content = etree.tostring(element, method="c14n2", with_comments=False, with_tail=False)
    return blake2b(content, digest_size=16).hexdigest()


def moment(text: str) -> datetime | None:
    """A time with a zone, UTC where none is told; None if it is no date of ISO 8601."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
