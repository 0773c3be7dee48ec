"""Metadata records of the FGDC: Content Standard for Digital Geospatial Metadata, in XML.

https://www.fgdc.gov/metadata/csdgm-standard (FGDC-STD-001-1998)
"""

import re
from collections.abc import Iterator

import pystac
from lxml import etree
from shapely import Polygon, make_valid
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from flows import records
from flows.found import Found
from flows.records import numbers
from flows.records.elements import every, prose, text, texts
from flows.records.facts import Event, Facts, Online
from flows.records.fgdc import KEYS, contacts, kept, said
from flows.records.item import item
from flows.records.places import bounding_box
from flows.records.standards import begin
from infrastructure.errors import Unreadable

CLOCK = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d*)?)?(Z|[+-]\d\d:?\d\d)?")


def recognises(found: Found) -> bool:
    """Whether the source found a record of the FGDC."""
    return records.known(found.record or b"") == "fgdc"


def read(found: Found) -> pystac.Item:
    """Make an item of a record.

    The standard has no identifier of its own: the one of `datasetid`, which some catalogues write,
    or else the upstream's.

    Raises:
        Unreadable: it is no XML, or tells no place or time, or one that cannot be.
    """
    root = begin(found.record or b"", found.upstream_id)
    return item(found, _facts(root, found.upstream_id))


def _facts(root: etree._Element, subject: str) -> Facts:
    cite = "idinfo/citation/citeinfo"
    return Facts(
        identifier=text(root, "idinfo/datasetid"),
        title=text(root, f"{cite}/title"),
        description=prose(root, "idinfo/descript/abstract"),
        keywords=said(root, *(f"idinfo/keywords/*/{kind}key" for kind in KEYS)),
        themes=list(_themes(root)),
        places=_places(root, subject),
        spans=list(_spans(root)),
        dates=list(_dates(root)),
        updated=text(root, "metainfo/metd"),
        contacts=list(contacts(root)),
        constraints=said(root, "idinfo/accconst", "idinfo/useconst"),
        online=list(_online(root)),
        previews=[Online(href) for href in texts(root, "idinfo/browse/browsen")],
        properties={
            **kept(root),
            "eo:cloud_cover": numbers.number(text(root, "dataqual/cloud")),
            "gsd": _resolution(root),
        },
    )


def _themes(root: etree._Element) -> Iterator[tuple[str, list[str]]]:
    for kind in KEYS:
        for group in every(root, "idinfo/keywords/*"):
            scheme = said(group, f"{kind}kt")
            if scheme:
                yield scheme[0], texts(group, f"{kind}key")


def _dates(root: etree._Element) -> Iterator[tuple[Event, str]]:
    for day in texts(root, "idinfo/citation/citeinfo/pubdate"):
        yield "publication", day


def _spans(root: etree._Element) -> Iterator[tuple[str | None, str | None]]:
    """A single date, several, or a range (section 9)."""
    for info in every(root, "idinfo/timeperd/timeinfo"):
        for single in every(info, "sngdate", "mdattim/sngdate"):
            moment = _moment(single, "caldate", "time")
            yield moment, moment
        for span in every(info, "rngdates"):
            yield _moment(span, "begdate", "begtime"), _moment(span, "enddate", "endtime")


def _moment(element: etree._Element, date: str, time: str) -> str | None:
    """Date and time of day in the form of ISO 8601; without a zone it is taken for UTC."""
    day, clock = text(element, date), CLOCK.fullmatch(text(element, time) or "")
    if day is None or clock is None or not re.fullmatch(r"\d{8}|\d{4}-\d\d-\d\d", day):
        return day
    return (
        f"{day}T{clock[1]}{clock[2]}{clock[3] or '00'}{clock[4] or 'Z'}"
        if len(day) == 8
        else (f"{day}T{clock[1]}:{clock[2]}:{clock[3] or '00'}{clock[4] or 'Z'}")
    )


def _places(root: etree._Element, subject: str) -> list[BaseGeometry]:
    """The polygons of the data set, or else its boxes."""
    rings = every(root, "idinfo/spdom/dsgpoly/dsgpolyo")
    if rings:
        return [_polygon(ring, subject) for ring in rings]
    sides = ("westbc", "eastbc", "southbc", "northbc")
    told = (
        bounding_box((text(box, side) for side in sides), subject)
        for box in every(root, "idinfo/spdom/bounding")
    )
    return [box for box in told if box is not None]


def _polygon(ring: etree._Element, subject: str) -> BaseGeometry:
    """A G-polygon: points one by one, or a list of longitudes and latitudes (1.5.2)."""
    listed = re.split(r"[\s,]+", text(ring, "gring") or "")
    told = [
        (text(point, "gringlon"), text(point, "gringlat")) for point in every(ring, "grngpoin")
    ] or [*zip(listed[::2], listed[1::2], strict=False)]
    try:
        return make_valid(Polygon([(float(x or ""), float(y or "")) for x, y in told]))
    except (ValueError, ShapelyError) as error:
        raise Unreadable(f"{subject}: its polygon cannot be read: {error}") from error


def _online(root: etree._Element) -> Iterator[Online]:
    for href in texts(root, "idinfo/citation/citeinfo/onlink"):
        yield Online(href)
    for form in every(root, "distinfo/stdorder/digform"):
        title = next(iter(said(form, "digtinfo/formname")), None)
        for href in texts(form, "digtopt/onlinopt/computer/networka/networkr"):
            yield Online(href, title, function="download")


def _resolution(root: etree._Element) -> float | None:
    """Of the raster, in metres."""
    told = every(root, "spref/horizsys/planar/planci")
    pairs = ((text(e, "coordrep/absres"), text(e, "plandu")) for e in told)
    return numbers.finest(pairs)
