"""Capabilities with the days of a collection, which MapProxy's templates cannot write.

MapProxy would list every day, take those only, and fail where a WMTS has a dimension.
"""

from collections.abc import Sequence
from datetime import date

from lxml import etree

from infrastructure.safe_xml import parse
from tiling.times import listed

_WMS = "http://www.opengis.net/wms"
_WMTS = "http://www.opengis.net/wmts/1.0"
_OWS = "http://www.opengis.net/ows/1.1"
_BEFORE_DIMENSION = (
    "Name",
    "Title",
    "Abstract",
    "KeywordList",
    "SRS",
    "CRS",
    "LatLonBoundingBox",
    "EX_GeographicBoundingBox",
    "BoundingBox",
)
"""Elements of a WMS Layer that stand before its Dimension, in whichever version."""


def timed(body: bytes, days: Sequence[date]) -> bytes:
    """A capabilities document whose layers tell the days (ascending) that TIME may name.

    Without TIME every day shows, the newest on top; so the default is from the first to the last.
    """
    root = parse(body, "capabilities")
    kind = etree.QName(root)
    if not days or kind.localname not in (
        "WMS_Capabilities",
        "WMT_MS_Capabilities",
        "Capabilities",
    ):
        return body
    write = _wmts if kind.namespace == _WMTS else _wms
    write(root, days)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="utf-8")


def _wms(root: etree._Element, days: Sequence[date]) -> None:
    """WMS 1.3.0, annex C.2; WMS 1.1.1, annex C.2, which has the values in an Extent."""
    space = f"{{{_WMS}}}" if etree.QName(root).namespace else ""
    said = {"default": f"{days[0]}/{days[-1]}", "nearestValue": "1", "current": "1"}
    for layer in root.iter(f"{space}Layer"):
        if layer.find(f"{space}Name") is None:
            continue
        dimension = etree.Element(f"{space}Dimension", name="time", units="ISO8601")
        values, made = dimension, [dimension]
        if not space:
            values = etree.Element("Extent", name="time")
            made.append(values)
        for name, value in said.items():
            values.set(name, value)
        values.text = ",".join(listed(days))
        place = _place(layer)
        layer[place:place] = made


def _place(layer: etree._Element) -> int:
    names = [etree.QName(child).localname for child in layer]
    return max(place for place, name in enumerate(names, 1) if name in _BEFORE_DIMENSION)


def _wmts(root: etree._Element, days: Sequence[date]) -> None:
    """WMTS 1.0, 7.1.1.2: the dimension, and its place in the addresses of tiles."""
    for layer in root.iter(f"{{{_WMTS}}}Layer"):
        dimension = etree.Element(f"{{{_WMTS}}}Dimension")
        etree.SubElement(dimension, f"{{{_OWS}}}Identifier").text = "Time"
        etree.SubElement(dimension, f"{{{_WMTS}}}Default").text = "default"
        etree.SubElement(dimension, f"{{{_WMTS}}}Current").text = "true"
        for value in ("default", *listed(days)):
            etree.SubElement(dimension, f"{{{_WMTS}}}Value").text = value
        link = layer.find(f"{{{_WMTS}}}TileMatrixSetLink")
        if link is not None:
            link.addprevious(dimension)
        for address in layer.iter(f"{{{_WMTS}}}ResourceURL"):
            template = address.get("template", "")
            address.set(
                "template", template.replace("/{TileMatrixSet}/", "/{Time}/{TileMatrixSet}/")
            )
