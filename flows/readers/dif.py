"""Metadata records in the Directory Interchange Format of NASA, versions 9 and 10.

https://git.earthdata.nasa.gov/projects/EMFD/repos/dif-schemas
"""

from collections.abc import Iterator

import pystac
from lxml import etree
from shapely import Point, Polygon, make_valid
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from flows import records
from flows.found import Found
from flows.records import numbers
from flows.records.dif import CITATIONS, contacts, kept
from flows.records.elements import every, prose, text, texts
from flows.records.facts import Event, Facts, Online
from flows.records.item import item
from flows.records.places import bounding_box
from flows.records.standards import begin
from infrastructure.errors import Unreadable

WORDS = ("Category", "Topic", "Term", "Variable_Level_1", "Variable_Level_2", "Variable_Level_3")
"""Parts of a science keyword."""


def recognises(found: Found) -> bool:
    """Whether the source found a record in DIF."""
    return records.known(found.record or b"") == "dif"


def read(found: Found) -> pystac.Item:
    """Make an item of a record.

    Raises:
        Unreadable: it is no XML, or tells no place or time, or one that cannot be.
    """
    root = begin(found.record or b"", found.upstream_id)
    return item(found, _facts(root, found.upstream_id))


def _facts(root: etree._Element, subject: str) -> Facts:
    return Facts(
        identifier=text(root, "Entry_ID/Short_Name", "Entry_ID"),
        parent=text(root, "Parent_DIF", "Metadata_Association/Entry_ID/Short_Name"),
        title=text(root, "Entry_Title", *(f"{name}/Dataset_Title" for name in CITATIONS)),
        description=prose(root, "Summary/Abstract", "Summary"),
        keywords=texts(root, "Keyword", "Ancillary_Keyword"),
        themes=[
            ("GCMD Science Keywords", list(_science(root))),
            ("ISO 19115 topic category", texts(root, "ISO_Topic_Category")),
        ],
        places=list(_places(root, subject)),
        spans=list(_spans(root)),
        dates=list(_dates(root)),
        created=text(root, "Metadata_Dates/Metadata_Creation", "DIF_Creation_Date"),
        updated=text(
            root,
            "Metadata_Dates/Metadata_Last_Revision",
            "Last_DIF_Revision_Date",
            "DIF_Creation_Date",
        ),
        contacts=list(contacts(root)),
        constraints=texts(
            root,
            "Use_Constraints/License_URL/URL",
            "Use_Constraints/Description",
            "Use_Constraints",
            "Access_Constraints/Description",
            "Access_Constraints",
        ),
        online=list(_online(root)),
        previews=[Online(href) for href in texts(root, "Multimedia_Sample/URL")],
        properties={
            **kept(root),
            "platform": next(iter(_names(root, "Platform", "Source_Name")), None),
            "instruments": _names(root, "Platform/Instrument", "Sensor_Name"),
            "processing:level": text(root, "Product_Level_Id", "Product_Level_ID"),
            "gsd": _resolution(root),
        },
    )


def _science(root: etree._Element) -> Iterator[str]:
    for keyword in every(root, "Science_Keywords", "Parameters"):
        words = texts(keyword, *WORDS, "Detailed_Variable")
        if words:
            yield " > ".join(words)


def _names(root: etree._Element, *paths: str) -> list[str]:
    told = texts(root, *(f"{path}/Short_Name" for path in paths))
    return list(dict.fromkeys(numbers.word(name) for name in told))


def _places(root: etree._Element, subject: str) -> Iterator[BaseGeometry]:
    """Boxes, points and polygons: in version 9 boxes alone."""
    sides = ("Westernmost_Longitude", "Easternmost_Longitude",
             "Southernmost_Latitude", "Northernmost_Latitude")  # fmt: skip
    for box in every(root, "Spatial_Coverage", "Spatial_Coverage/Geometry/Bounding_Rectangle"):
        place = bounding_box((text(box, side) for side in sides), subject)
        if place is not None:
            yield place
    try:
        for polygon in every(root, "Spatial_Coverage/Geometry/Polygon/Boundary"):
            yield make_valid(Polygon([_point(point) for point in every(polygon, "Point")]))
        for point in every(root, "Spatial_Coverage/Geometry/Point"):
            yield Point(_point(point))
    except (ValueError, ShapelyError) as error:
        raise Unreadable(f"{subject}: its geometry cannot be read: {error}") from error


def _point(point: etree._Element) -> tuple[float, float]:
    longitude, latitude = text(point, "Point_Longitude"), text(point, "Point_Latitude")
    return float(longitude or ""), float(latitude or "")


def _spans(root: etree._Element) -> Iterator[tuple[str | None, str | None]]:
    for coverage in every(root, "Temporal_Coverage"):
        for moment in texts(coverage, "Single_DateTime"):
            yield moment, moment
        for span in every(coverage, "Range_DateTime"):
            yield text(span, "Beginning_Date_Time"), text(span, "Ending_Date_Time")
        if text(coverage, "Start_Date"):
            yield text(coverage, "Start_Date"), text(coverage, "Stop_Date")


def _dates(root: etree._Element) -> Iterator[tuple[Event, str]]:
    for said in texts(root, "Metadata_Dates/Data_Creation"):
        yield "creation", said
    for said in texts(root, *(f"{name}/Dataset_Release_Date" for name in CITATIONS)):
        yield "publication", said
    for said in texts(root, "Metadata_Dates/Data_Last_Revision"):
        yield "revision", said


def _online(root: etree._Element) -> Iterator[Online]:
    for related in every(root, "Related_URL", "Related_URLs"):
        kind = text(related, "URL_Content_Type/Type") or ""
        for href in texts(related, "URL"):
            yield Online(
                href,
                title=text(related, "Title"),
                description=text(related, "Description"),
                protocol=text(related, "Mime_Type", "MIME_Type"),
                function="download" if kind.upper() == "GET DATA" else None,
            )


def _resolution(root: etree._Element) -> float | None:
    """In metres, where it is written with its unit, such as `30 m`."""
    told = texts(
        root, "Data_Resolution/Latitude_Resolution", "Data_Resolution/Longitude_Resolution"
    )
    pairs = (said.rpartition(" ") for said in told)
    return numbers.finest((length, unit) for length, _, unit in pairs)
