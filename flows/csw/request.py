"""GetRecords as XML, with the bounds of a harvest as a filter (OGC 04-095, OGC 09-026r2)."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lxml import etree
from owslib import fes, fes2

from flows.csw.capabilities import Service
from flows.csw.exchange import CSW
from flows.scope import Scope

Bound = Literal["since", "bbox", "time"]
"""A bound that a filter can say."""

Axes = Literal["lat-lon", "lon-lat"]
"""Which axis comes first in a box."""

LAT_LON = "urn:ogc:def:crs:EPSG::4326"
"""The reference system whose order of axes most servers know."""

NAMES = {
    "apiso": "http://www.opengis.net/cat/csw/apiso/1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dct": "http://purl.org/dc/terms/",
    "gmd": "http://www.isotc211.org/2005/gmd",
    "ows": "http://www.opengis.net/ows",
}
"""Prefixes that the names of queryables and types use."""

FILTER = {"2.0.2": "http://www.opengis.net/ogc", "3.0.0": "http://www.opengis.net/fes/2.0"}
"""Namespace of filters that goes with each version of CSW."""

GML = {"2.0.2": "http://www.opengis.net/gml", "3.0.0": "http://www.opengis.net/gml/3.2"}
"""Namespace of geometries that goes with each version of CSW."""


@dataclass(frozen=True)
class Request:
    """What is asked of a server; a page of it is one GetRecords."""

    service: Service
    schema: str
    typenames: str
    constraint: etree._Element | None
    """Filter or CqlText."""
    sort: str | None
    """Queryable that records are sorted by."""
    size: int
    """Records per page."""

    def page(self, start: int) -> bytes:
        """The request for the page that starts with a record, the first is 1."""
        space = CSW[self.service.version]
        names = {"csw": space, "csw30": CSW["3.0.0"], **NAMES}
        attributes = {
            "service": "CSW",
            "version": self.service.version,
            "outputFormat": "application/xml",
            "outputSchema": self.schema,
            "startPosition": str(start),
            "maxRecords": str(self.size),
            **({"resultType": "results"} if self.service.version == "2.0.2" else {}),
        }
        root = etree.Element(f"{{{space}}}GetRecords", attributes, nsmap=names)
        root.append(self._query(f"{{{space}}}"))
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _query(self, space: str) -> etree._Element:
        query = etree.Element(f"{space}Query", typeNames=self.typenames)
        etree.SubElement(query, f"{space}ElementSetName").text = "full"
        if self.constraint is not None:
            version = "1.1.0" if self.service.version == "2.0.2" else "2.0.0"
            holder = etree.SubElement(query, f"{space}Constraint", version=version)
            holder.append(deepcopy(self.constraint))  # an element has one parent
        if self.sort:
            library = _library(self.service)
            query.append(library.SortBy([library.SortProperty(self.sort)]).toXML())
        return query


def cql_text(service: Service, text: str) -> etree._Element:
    """A condition in the CQL of CSW."""
    element = etree.Element(f"{{{CSW[service.version]}}}CqlText")
    element.text = text
    return element


def conditions(
    service: Service, match: dict[str, str], scope: Scope, push: set[Bound], axes: Axes
) -> etree._Element | None:
    """The bounds of a harvest as a filter; it adds to `scope.pushed` which of them are in it.

    Moments are rounded outwards to whole days, because many servers keep dates and compare text.
    """
    library = _library(service)
    parts = [_equal(library, name, value) for name, value in match.items()]
    if "since" in push and (scope.since or scope.until):
        parts += _changed(library, service.queryable("modified") or "dct:modified", scope)
    if "bbox" in push and scope.bbox:
        parts.append(_box(library, scope, axes))
        scope.pushed.add("bbox")
    if "time" in push and scope.time:
        parts += _acquired(library, service, scope)
    return _filter(service, library, parts)


def _filter(service: Service, library: Any, parts: list[Any]) -> etree._Element | None:
    if not parts:
        return None
    version = service.version
    element = etree.Element(f"{{{FILTER[version]}}}Filter")
    element.append((parts[0] if len(parts) == 1 else library.And(parts)).toXML())
    for shape in element.iter(f"{{{GML['2.0.2']}}}*"):  # OWSLib writes GML 3.1 into both
        shape.tag = f"{{{GML[version]}}}{etree.QName(shape).localname}"
    return element


def _library(service: Service) -> Any:
    return fes if service.version == "2.0.2" else fes2


def _equal(library: Any, name: str, value: str) -> Any:
    if "*" not in value:
        return library.PropertyIsEqualTo(name, value)
    return library.PropertyIsLike(name, value, wildCard="*", singleChar="?", escapeChar="\\")


def _changed(library: Any, name: str, scope: Scope) -> list[Any]:
    parts = []
    if scope.since:
        parts.append(library.PropertyIsGreaterThanOrEqualTo(name, _day(scope.since)))
        scope.pushed.add("since")
    if scope.until:
        parts.append(library.PropertyIsLessThan(name, _day(scope.until + timedelta(days=1))))
        scope.pushed.add("until")
    return parts


def _acquired(library: Any, service: Service, scope: Scope) -> list[Any]:
    """It is not said to be pushed: only what reads the record knows its times exactly."""
    first, last = scope.time or (None, None)
    begin, end = service.queryable("tempextent_begin"), service.queryable("tempextent_end")
    parts = []
    if first and end:
        parts.append(library.PropertyIsGreaterThanOrEqualTo(end, _day(first)))
    if last and begin:
        parts.append(library.PropertyIsLessThan(begin, _day(last + timedelta(days=1))))
    return parts


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _box(library: Any, scope: Scope, axes: Axes) -> Any:
    """The box, or its two halves on either side of the antimeridian."""
    west, south, east, north = scope.bbox or (0.0, 0.0, 0.0, 0.0)
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    if axes == "lat-lon":
        boxes = [library.BBox([south, a, north, b], crs=LAT_LON) for a, b in spans]
    else:
        boxes = [library.BBox([a, south, b, north]) for a, b in spans]
    return boxes[0] if len(boxes) == 1 else library.Or(boxes)
