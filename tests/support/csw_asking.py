"""Asking a CSW, and what came of it."""

from typing import Any

from lxml import etree

from flows.found import Found
from flows.scope import Scope
from flows.sources import csw

DUBLIN_CORE = "http://www.opengis.net/cat/csw/2.0.2"


def ask(url: str, scope: Scope | None = None, **options: Any) -> list[Found]:
    return list(csw.search(scope or Scope(), url=url, **options))


def names(found: list[Found]) -> set[str]:
    return {record.upstream_id for record in found}


def xml(found: Found) -> etree._Element:
    assert found.record is not None
    return etree.fromstring(found.record)


def canonical(root: etree._Element) -> bytes:
    return etree.tostring(root, method="c14n2", with_comments=False)


def record(name: str, more: str = "") -> str:
    dc = "http://purl.org/dc/elements/1.1/"
    return (
        f'<r:Record xmlns:r="{DUBLIN_CORE}" xmlns:dc="{dc}"><dc:identifier>{name}</dc:identifier>'
        f"<dc:title>{more}</dc:title></r:Record>"
    )
