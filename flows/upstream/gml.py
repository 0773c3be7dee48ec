"""GeoRSS and GML in Atom entries and embedded metadata (OGC 17-002r1, OGC 07-036).

Their coordinates are latitude first, as EPSG:4326 has them, unless a geometry says CRS84; there
are servers that write longitude first all the same.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from flows.upstream.geometry import Ring, of_wkt, polygons, rectangle
from flows.upstream.xml import Element, words
from infrastructure.errors import Unreadable

Json = dict[str, Any]


def geometry(entry: Element, longitude_first: bool = False) -> Json | None:
    """The geometry of an entry, the most exact that it has.

    Args:
        entry: An element with GeoRSS, GML or `dct:spatial` anywhere in it.
        longitude_first: The server writes the longitude first where it should be second.

    Raises:
        Unreadable: it cannot be read.
    """
    readers: tuple[Callable[[Element, bool], Json | None], ...] = (
        _gml_polygons,
        _polygons,
        _line,
        _spatial,
        _envelope,
        _box,
        _point,
    )
    try:
        return next(filter(None, (read(entry, longitude_first) for read in readers)), None)
    except (ValueError, IndexError) as error:
        raise Unreadable(f"the record's geometry cannot be read: {error}") from error


def _named(root: Element, *names: str) -> Iterator[Element]:
    return (e for e in root.iter("{*}*") if etree.QName(e).localname in names)


def _gml_polygons(entry: Element, longitude_first: bool) -> Json | None:
    shapes = []
    for polygon in _named(entry, "Polygon"):
        outer = next(_named(polygon, "exterior", "outerBoundaryIs"), None)
        if outer is None:
            continue
        holes = _named(polygon, "interior", "innerBoundaryIs")
        shapes.append([_positions(ring, longitude_first) for ring in (outer, *holes)])
    return polygons(shapes) if shapes else None


def _positions(element: Element, longitude_first: bool) -> Ring:
    """The positions of `posList`, of several `pos`, or of `coordinates` (GML 2)."""
    lists = list(_named(element, "posList", "pos", "coordinates"))
    if not lists:
        raise Unreadable("a GML geometry has no coordinates")
    size = next((int(e.get("srsDimension", "0")) for e in lists if e.get("srsDimension")), 2)
    numbers = " ".join(map(words, lists)).replace(",", " ")
    return _pairs(numbers, longitude_first or _is_crs84(element), size)


def _is_crs84(element: Element) -> bool:
    """What the nearest `srsName` says, going outwards."""
    names = (e.get("srsName") for e in (element, *element.iterancestors(), *element.iter()))
    return "CRS84" in (next(filter(None, names), None) or "")


def _pairs(text: str, longitude_first: bool, size: int = 2) -> Ring:
    """Positions as GeoJSON has them."""
    numbers = [float(word) for word in text.split()]
    if not numbers or len(numbers) % size:
        raise Unreadable(f"a geometry has {len(numbers)} numbers, not pairs of them")
    order = (0, 1) if longitude_first else (1, 0)
    starts = range(0, len(numbers), size)
    return [[numbers[at + order[0]], numbers[at + order[1]]] for at in starts]


def _text(entry: Element, name: str) -> list[str]:
    return [text for e in _named(entry, name) if (text := (e.text or "").strip())]


def _polygons(entry: Element, longitude_first: bool) -> Json | None:
    rings = [[_pairs(text, longitude_first)] for text in _text(entry, "polygon")]
    return polygons(rings) if rings else None


def _line(entry: Element, longitude_first: bool) -> Json | None:
    lines = [_pairs(text, longitude_first) for text in _text(entry, "line")]
    lines += [_positions(e, longitude_first) for e in _named(entry, "LineString")]
    return {"type": "LineString", "coordinates": lines[0]} if lines else None


def _spatial(entry: Element, _longitude_first: bool) -> Json | None:
    """`dct:spatial` in WKT, which has the longitude first everywhere."""
    texts = [text for text in _text(entry, "spatial") if "(" in text]
    return of_wkt(texts[0]) if texts else None


def _envelope(entry: Element, longitude_first: bool) -> Json | None:
    for envelope in _named(entry, "Envelope"):
        first = longitude_first or _is_crs84(envelope)
        corners = [*_text(envelope, "lowerCorner"), *_text(envelope, "upperCorner")]
        return _corners(" ".join(corners), first)
    return None


def _box(entry: Element, longitude_first: bool) -> Json | None:
    boxes = _text(entry, "box")
    return _corners(boxes[0], longitude_first) if boxes else None


def _corners(text: str, longitude_first: bool) -> Json:
    (west, south), (east, north) = _pairs(text, longitude_first)
    return rectangle(west, south, east, north)


def _point(entry: Element, longitude_first: bool) -> Json | None:
    points = [_pairs(text, longitude_first)[0] for text in _text(entry, "point")]
    points += [_positions(e, longitude_first)[0] for e in _named(entry, "Point")]
    return {"type": "Point", "coordinates": points[0]} if points else None
