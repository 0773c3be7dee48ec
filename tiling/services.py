"""What the services of a collection say of themselves: words, extent and reference systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_PIXELS = 4096 * 4096
"""Most pixels of one WMS picture."""
FORMATS = ("image/png", "image/jpeg", "image/webp")
CRS = ("EPSG:3857", "EPSG:4326", "CRS:84", "EPSG:3035")
"""Offered for every collection; the UTM zone of a small one comes on top."""

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, west below east."""


@dataclass(frozen=True)
class Place:
    """Where a collection's tiles are kept and under which address it is served."""

    cache: Path
    """Folder of all caches."""
    version: int
    """Version of the collection: a change of it starts a new tree of tiles."""
    url: str
    """Public address of the tile service, without a closing slash."""


def extent(document: Mapping[str, Any]) -> list[Box]:
    """The boxes of a collection in degrees (west, south, east, north), none across ±180°.

    The first box of a STAC extent is the whole, the others are its parts.
    """
    listed = document["extent"]["spatial"]["bbox"]
    return [part for box in listed[1:] or listed for part in _halves(_flat(box))]


def _flat(box: list[float]) -> Box:
    """The two dimensions of a box of two or three."""
    west, south, east, north = (*box[:2], *box[3:5]) if len(box) == 6 else box
    return float(west), float(south), float(east), float(north)


def _halves(box: Box) -> list[Box]:
    west, south, east, north = box
    if west <= east:
        return [box]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def services(document: Mapping[str, Any], place: Place, boxes: list[Box]) -> dict[str, Any]:
    """The `services` of a MapProxy configuration: WMS and WMTS."""
    about = _about(document, place)
    return {
        # `versions` stays unset: MapProxy 7.0 empties the list at the first unknown version.
        "wms": {
            "md": about,
            # A failure must not be kept by caches: as a picture it would be a 200.
            "on_source_errors": "raise",
            "srs": [*CRS, *_utm(boxes)],
            "image_formats": list(FORMATS),
            "max_output_pixels": MAX_PIXELS,
        },
        "wmts": {
            "md": about,
            "kvp": True,
            "restful": True,
            "restful_template": "/{Layer}/{TileMatrixSet}/{TileMatrix}/{TileCol}/{TileRow}"
            ".{Format}",
        },
    }


def _about(document: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """Title, abstract, keywords, contact and rights, from the collection's own words."""
    host: Mapping[str, Any] = next(iter(document.get("providers") or []), {})
    rights = [link["href"] for link in document.get("links", []) if link.get("rel") == "license"]
    about: dict[str, Any] = {
        "title": str(document.get("title") or document["id"]),
        "abstract": str(document.get("description", "")),
        "online_resource": f"{place.url}/{document['id']}",
        "access_constraints": " ".join([str(document.get("license", "")), *rights]).strip(),
        "fees": "none",
    }
    if document.get("keywords"):
        about["keyword_list"] = [{"keywords": list(document["keywords"])}]
    if host.get("name"):
        about["contact"] = {"organization": host["name"]}
    return about


def _utm(boxes: list[Box]) -> list[str]:
    """The UTM zone of a collection not wider than two; Landsat uses the northern one only."""
    west, east = min(box[0] for box in boxes), max(box[2] for box in boxes)
    south, north = min(box[1] for box in boxes), max(box[3] for box in boxes)
    if east - west > 12 or not -80 <= south <= north <= 84:
        return []
    zone = min(60, int(((west + east) / 2 + 180) // 6) + 1)
    return [f"EPSG:326{zone:02}", f"EPSG:327{zone:02}"]
