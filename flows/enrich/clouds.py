"""A summary of clouds, their shadows, snow and water, from the quality band where there is one.

Quality bands are `qa_pixel` (Landsat Collection 2), `bqa` (Landsat Collection 1) and `scl`
(Sentinel-2 Level 2A), by their assets' keys; every pixel is counted. A cloud cover that the product
tells stays.

Without such a band and without a told figure, the cloud cover is estimated from the visible bands
(flows/quality/visible.py). Snow, salt, surf and bright sand look like cloud to that estimate; the
item says that it is one.
"""

from typing import Annotated, Any

import pystac
from pydantic import Field

from flows import extensions
from flows.quality import bands, sentinel2, visible
from infrastructure.storage import Shelf

COVER, METHOD = "eo:cloud_cover", "swath:cloud_cover_method"

ESTIMATE = "estimate: bright, white and hazy pixels of the visible bands"

PROPERTIES = {
    "clear": "swath:clear_percentage",
    "cloud": "swath:cloud_percentage",
    "shadow": "swath:cloud_shadow_percentage",
    "snow": "eo:snow_cover",
    "water": "swath:water_percentage",
}
"""Kind of pixel -> property with its share."""


def enrich(
    item: pystac.Item,
    shelf: Shelf,  # noqa: ARG001 - makes no file
    brightness: Annotated[float, Field(gt=0, lt=1)] = 0.15,
) -> pystac.Item:
    """Tell the shares of clear, cloud, shadow, snow and water in the valid pixels, per cent.

    `eo:cloud_cover` is set unless the product told it. Clear is what is neither cloud nor its edge,
    cirrus or shadow. Sentinel-2's classes are told in the properties of its extension, too.

    Args:
        item: The item.
        shelf: Not used.
        brightness: For the estimate: mean visible reflectance, not corrected for the height of the
            sun, above which a pixel may be cloud; nothing is estimated unless the red, green and
            blue assets have `raster:scale` and `raster:offset` that lead to reflectance.

    Raises:
        Unreadable: a file is no raster, or damaged.
        Unreachable: a server does not answer.
    """
    band = bands.find(item)
    facts = _counted(bands.count(*band)) if band else _estimated(item, brightness)
    if _told(item):
        facts = {name: value for name, value in facts.items() if name not in {COVER, METHOD}}
    item.properties = {**facts, **item.properties}
    extensions.add(item, *facts)
    return item


def _told(item: pystac.Item) -> bool:
    """Whether the cloud cover is the product's own."""
    return COVER in item.properties and METHOD not in item.properties


def _counted(band: bands.Counted) -> dict[str, Any]:
    shares = band.shares()
    if not shares:
        return {}
    classes = sentinel2.percentages(band.values, band.counts) if band.name == "scl" else {}
    return {
        COVER: shares["cloud"],
        METHOD: f"cloudy pixels of {band.name.upper()}",
        **{PROPERTIES[kind]: share for kind, share in shares.items()},
        **classes,
    }


def _estimated(item: pystac.Item, brightness: float) -> dict[str, Any]:
    """The last resort, made only where the product tells nothing."""
    cover = None if _told(item) else visible.estimate(item, brightness)
    return {} if cover is None else {COVER: cover, METHOD: ESTIMATE}
