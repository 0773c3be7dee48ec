"""ISO 19139 metadata records of STAC Items, written by pygeometa's template.

The way is STAC -> MCF (pygeometa's Metadata Control File) -> ISO 19115:2003 as XML of ISO/TS 19139
(schemas of 2006-05-04, GML 3.2.0). A record says what the documents say and nothing of the moment
it is made: the same documents give the same bytes. Its text is taken to be English.

MCF: https://geopython.github.io/pygeometa/reference/mcf/
"""

from copy import deepcopy
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template
from lxml import etree
from pygeometa import core

from infrastructure.errors import Invalid
from infrastructure.mcf import mcf

GMD = "{http://www.isotc211.org/2005/gmd}"
GCO = "{http://www.isotc211.org/2005/gco}"


def iso19139(item: dict[str, Any], collection: dict[str, Any]) -> bytes:
    """The metadata record of an item: UTF-8 with an XML declaration.

    Its `fileIdentifier` is `<collection id>:<item id>`: ids of collections have no colon, so that
    two items never share one. `parentIdentifier` is the collection's id.

    Raises:
        Invalid: the item has no bounding box or no date, or text that XML cannot carry.
    """
    text = _template().render(record=mcf(item, collection), pygeometa_version=core.VERSION)
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise Invalid(f"{item['id']}: its text cannot be written as XML: {error}") from error
    _tell_reference_systems(root, _crs_codes(item))
    _prune(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


@cache
def _template() -> Template:
    """The template that pygeometa has, compiled once, and with every value escaped.

    Its own writer compiles it for each record and escapes only some of the values: 87 ms for a
    record that takes 2 ms here.
    """
    environment = Environment(
        loader=FileSystemLoader([core.SCHEMAS / "iso19139", core.SCHEMAS]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else value,
    )
    environment.filters["normalize_datestring"] = core.normalize_datestring
    environment.globals.update(get_charstring=core.get_charstring, zip=zip)
    return environment.get_template("main.j2")


def _crs_codes(item: dict[str, Any]) -> list[str]:
    """Codes of EPSG that the item or its assets have (`proj:code`), each once."""
    tellers = [item["properties"], *item["assets"].values()]
    codes = dict.fromkeys(teller.get("proj:code") or "" for teller in tellers)
    return [code.removeprefix("EPSG:") for code in codes if code.startswith("EPSG:")]


def _tell_reference_systems(root: etree._Element, codes: list[str]) -> None:
    """Name the data's reference systems, where the template names the bounding box's."""
    pattern = root.find(f"{GMD}referenceSystemInfo")
    if pattern is None:
        return
    for code in codes:
        system = deepcopy(pattern)
        for version in list(system.iter(f"{GMD}version")):
            _remove(version)
        for element in system.iterfind(f".//{GMD}RS_Identifier/{GMD}code/{GCO}CharacterString"):
            element.text = f"urn:ogc:def:crs:EPSG::{code}"
        pattern.addprevious(system)
    _remove(pattern)


def _prune(root: etree._Element) -> None:
    """Take out what the template leaves empty; an unnamed organisation is told as unknown."""
    for empty in [e for e in root.iter(f"{GMD}URL") if not e.text]:
        _remove(next(empty.iterancestors(f"{GMD}onlineResource")))
    values = (f"{GCO}CharacterString", f"{GCO}Real", f"{GMD}spatialRepresentationInfo")
    for empty in [e for e in root.iter(*values) if not (e.text or len(e))]:
        parent = empty.getparent()
        if parent is not None and parent.tag == f"{GMD}organisationName":
            parent.set(f"{GCO}nilReason", "unknown")
            parent.remove(empty)
        else:
            _remove(empty)


def _remove(element: etree._Element) -> None:
    """Remove an element, and those around it that have nothing else in them."""
    parent = element.getparent()
    if parent is None:
        return
    parent.remove(element)
    if len(parent) == 0:
        _remove(parent)
