"""Metadata records of ISO: 19139 and its profiles, 19115-2 and 19115-3.

https://schemas.isotc211.org/
"""

from typing import Any

import pystac
from lxml import etree

from flows import records
from flows.found import Found
from flows.records.elements import prose, text
from flows.records.facts import Facts
from flows.records.iso.about import about, parent, stamps
from flows.records.iso.addresses import addresses, pictures
from flows.records.iso.citation import citation, events
from flows.records.iso.constraints import constraints, said
from flows.records.iso.content import content
from flows.records.iso.extents import names, places, spans
from flows.records.iso.keywords import anchors, groups, kinds, themes, words
from flows.records.iso.parties import parties
from flows.records.iso.quality import quality
from flows.records.iso.resource import resource
from flows.records.iso.service import service
from flows.records.iso.systems import systems
from flows.records.item import item
from flows.records.standards import begin

SECTIONS = (about, citation, resource, constraints, names, systems, quality, service, content)
"""What gives properties that need no more thought."""


def recognises(found: Found) -> bool:
    """Whether the source found a record of ISO."""
    return (records.known(found.record or b"") or "").startswith("iso")


def read(found: Found) -> pystac.Item:
    """Make an item of a record.

    What STAC and its extensions have no field for is in properties with the prefix `iso:`.

    Raises:
        Unreadable: it is no XML, or tells no place or time, or one that cannot be.
    """
    root = begin(found.record or b"", found.upstream_id)
    return item(found, _facts(root, found.upstream_id))


def _facts(root: etree._Element, subject: str) -> Facts:
    resource = "identificationInfo/*"
    created, updated = stamps(root)
    vocabularies = groups(root)
    return Facts(
        identifier=text(root, "fileIdentifier", "metadataIdentifier/*/code"),
        parent=parent(root),
        title=text(root, f"{resource}/citation/*/title"),
        description=prose(root, f"{resource}/abstract"),
        keywords=words(vocabularies),
        themes=themes(vocabularies, root),
        anchors=anchors(vocabularies),
        places=places(root, subject),
        spans=spans(root),
        dates=list(events(root)),
        created=created,
        updated=updated,
        contacts=parties(root),
        constraints=said(root),
        online=addresses(root),
        previews=list(pictures(root)),
        properties={**kinds(vocabularies), **_properties(root)},
    )


def _properties(root: etree._Element) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for section in SECTIONS:
        properties |= section(root)
    return properties
