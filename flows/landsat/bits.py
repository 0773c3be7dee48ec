"""What the bits of Landsat's quality bands stand for, as STAC's Classification extension tells it.

Collection 2: USGS LSDS-1328, LSDS-1618 and LSDS-1619.
"""

from typing import Any

from flows.landsat.bands import OLI_SATELLITES
from flows.landsat.names import Scene

Field = dict[str, Any]

CONFIDENCE = ("not_set", "low", "medium", "high")


def fields(scene: Scene, part: str) -> list[Field]:
    """The bit fields of a part of a scene; nothing for those that have none, or are not known."""
    if part == "QA_PIXEL":
        return _pixel(scene)
    if part == "QA_RADSAT":
        return _saturation(scene)
    if part == "SR_QA_AEROSOL":
        return AEROSOL
    return CLOUDS if part == "SR_CLOUD_QA" else []


def _flag(bit: int, name: str, without: str, with_it: str, no: str | None = None) -> Field:
    classes = [
        {"value": 0, "name": no or f"not_{name}", "description": without},
        {"value": 1, "name": name, "description": with_it},
    ]
    return {"name": name, "offset": bit, "length": 1, "classes": classes}


def _levels(bit: int, name: str, of: str, levels: tuple[str, ...] = CONFIDENCE) -> Field:
    classes = [
        {"value": value, "name": level, "description": f"{of}: {level.replace('_', ' ')}"}
        for value, level in enumerate(levels)
    ]
    return {"name": name, "offset": bit, "length": 2, "classes": classes}


AEROSOL = [
    _flag(0, "fill", "There is an image", "There is no image"),
    _flag(1, "retrieval", "No aerosol was retrieved", "Aerosol was retrieved", "no_retrieval"),
    _flag(2, "water", "No water", "Water"),
    _flag(5, "interpolated", "Aerosol of this pixel", "Aerosol interpolated from around it"),
    _levels(6, "level", "Aerosol", ("climatology", "low", "medium", "high")),
]

CLOUDS = [
    _flag(0, "ddv", "No dense dark vegetation", "Dense dark vegetation"),
    _flag(1, "cloud", "No cloud", "Cloud"),
    _flag(2, "cloud_shadow", "No shadow of a cloud", "Shadow of a cloud"),
    _flag(3, "cloud_adjacent", "Not beside a cloud", "Beside a cloud"),
    _flag(4, "snow", "No snow", "Snow or ice"),
    _flag(5, "water", "Land", "Water"),
]
"""Of TM and ETM+."""


def _pixel(scene: Scene) -> list[Field]:
    fill = _flag(0, "fill", "There is an image", "There is no image")
    cloud = _flag(3, "cloud", "No cloud of high confidence", "Cloud of high confidence")
    two = ("not_set", "low", "reserved", "high")
    if scene.sensor == "M":
        return [fill, cloud, _levels(8, "cloud_confidence", "Confidence in cloud", two)]
    told = [
        fill,
        _flag(1, "dilated_cloud", "Not at the edge of a cloud", "At the edge of a cloud"),
        _flag(2, "cirrus", "No cirrus of high confidence", "Cirrus of high confidence"),
        cloud,
        _flag(4, "cloud_shadow", "No shadow of high confidence", "Shadow of high confidence"),
        _flag(5, "snow", "No snow of high confidence", "Snow or ice of high confidence"),
        _flag(6, "clear", "Cloud, or the edge of one", "No cloud, nor the edge of one"),
        _flag(7, "water", "Land, or cloud", "Water"),
        _levels(8, "cloud_confidence", "Confidence in cloud"),
        _levels(10, "cloud_shadow_confidence", "Confidence in shadow", two),
        _levels(12, "snow_confidence", "Confidence in snow or ice", two),
        _levels(14, "cirrus_confidence", "Confidence in cirrus", two),
    ]
    if scene.satellite in OLI_SATELLITES:
        return told
    return [field for field in told if not field["name"].startswith("cirrus")]


def _saturation(scene: Scene) -> list[Field]:
    if scene.satellite in OLI_SATELLITES:
        occluded = _flag(11, "occlusion", "Terrain is seen", "Terrain is hidden by other terrain")
        return [
            *(_saturated(band - 1, f"band{band}") for band in (1, 2, 3, 4, 5, 6, 7, 9)),
            occluded,
        ]
    names = [f"band{band}" for band in range(1, 8)]
    dropped = _flag(9, "dropped", "The pixel is there", "The pixel was lost")
    if scene.sensor != "E":
        return [*map(_saturated, range(7), names), dropped]
    names[5] = "band6L"
    return [*map(_saturated, range(7), names), _saturated(8, "band6H"), dropped]


def _saturated(bit: int, band: str) -> Field:
    field = _flag(bit, "saturated", "The detector was not saturated", "It was saturated")
    return {**field, "name": band}
