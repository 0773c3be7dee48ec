"""Images of ENVISAT with the name of their product, and its header as tags if GDAL made them."""

import re
from datetime import UTC, datetime
from typing import Any

import pystac

from flows import assets, envisat
from flows.envisat import Name
from flows.extent import Raster, look, outline
from flows.found import Found
from infrastructure.errors import Unreadable

C_BAND = {"sar:frequency_band": "C", "sar:center_frequency": 5.331}
"""Of the ASAR, in gigahertz."""

LOOKS = {
    "sar:looks_range": "SPH_RANGE_LOOKS",
    "sar:looks_azimuth": "SPH_AZIMUTH_LOOKS",
}
SPACINGS = {
    "sar:pixel_spacing_range": "SPH_RANGE_SPACING",
    "sar:pixel_spacing_azimuth": "SPH_AZIMUTH_SPACING",
}
"""STAC property -> field of the header; metres, as the product had them."""


def recognises(found: Found) -> bool:
    """Whether an image, or the product, has such a name."""
    images = [name for name in found.files if assets.is_raster(name)]
    return bool(images) and any(envisat.NAME.search(name) for name in (found.upstream_id, *images))


def read(found: Found) -> pystac.Item:
    """Make an item of the images of one product.

    Times are those of the header, else those of the name, which has whole seconds. A raster
    without a grid is placed by its ground control points.

    Raises:
        Unreadable: a file is no raster, is damaged or lies nowhere, or the name has a date that
            there is not.
    """
    images = {name: href for name, href in sorted(found.files.items()) if assets.is_raster(name)}
    name = _name(found, images)
    rasters = [look(file, href) for file, href in images.items()]
    tags = rasters[0].tags
    geometry, bbox = outline(rasters)
    start, end = _times(name, tags)
    item = pystac.Item(
        id=name.product,
        geometry=geometry,
        bbox=bbox,
        datetime=start + (end - start) / 2,
        start_datetime=start,
        end_datetime=end,
        properties={**_properties(name), **_header(name, tags), **_orbit(tags)},
    )
    for raster in rasters:
        key = "data" if len(rasters) == 1 else raster.name
        item.add_asset(key, _asset(raster, images[raster.name], item))
    return item


def _name(found: Found, images: dict[str, str]) -> Name:
    try:
        names = [name for text in (*images, found.upstream_id) if (name := envisat.parse(text))]
    except ValueError as error:
        raise Unreadable(f"{found.upstream_id}: no date in its name: {error}") from error
    products = sorted({name.product for name in names})
    if len(products) > 1:
        raise Unreadable(f"{found.upstream_id}: images of several products: {', '.join(products)}")
    return names[0]


def _times(name: Name, tags: dict[str, str]) -> tuple[datetime, datetime]:
    told = [_moment(tags.get(f"MPH_SENSING_{word}")) for word in ("START", "STOP")]
    return told[0] or name.start, told[1] or name.end


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%d-%b-%Y %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _properties(name: Name) -> dict[str, Any]:
    return {
        "platform": "envisat",
        "instruments": [name.instrument],
        "sat:platform_international_designator": "2002-009A",
        "sat:relative_orbit": name.relative_orbit,
        "sat:absolute_orbit": name.absolute_orbit,
        "sat:orbit_cycle": name.cycle,
        "product:type": name.type,
        "processing:level": f"L{name.level}",
    }


def _orbit(tags: dict[str, str]) -> dict[str, Any]:
    """What the header tells of orbit and processing."""
    told = {
        "sat:orbit_state": tags.get("SPH_PASS", "").strip().lower(),
        "processing:facility": tags.get("MPH_PROC_CENTER", "").strip(),
        "processing:version": tags.get("MPH_SOFTWARE_VER", "").strip(),
    }
    return {key: value for key, value in told.items() if value}


def _header(name: Name, tags: dict[str, str]) -> dict[str, Any]:
    try:
        return _radar(name, tags)
    except ValueError as error:
        raise Unreadable(f"{name.product}: its header is damaged: {error}") from error


def _radar(name: Name, tags: dict[str, str]) -> dict[str, Any]:
    """What the header of an image of the radar tells of it."""
    channels = [tags.get(f"SPH_MDS{number}_TX_RX_POLAR", "") for number in (1, 2)]
    polarizations = [p for channel in channels if (p := re.sub(r"[^HV]", "", channel))]
    if name.instrument != "asar":
        return {}
    numbers = {
        **{key: int(tags[field]) for key, field in LOOKS.items() if field in tags},
        **{key: float(tags[field]) for key, field in SPACINGS.items() if field in tags},
    }
    told = {"sar:polarizations": polarizations} if polarizations else {}
    return {**C_BAND, "sar:instrument_mode": name.type[4:7].strip("_"), **numbers, **told}


def _asset(raster: Raster, href: str, item: pystac.Item) -> pystac.Asset:
    """The image; its bands are the polarisations, where the header tells them."""
    asset = assets.data(raster, href, raster.name)
    channels = item.properties.get("sar:polarizations") or []
    if raster.count == len(channels):
        asset.extra_fields["bands"] = [
            {"name": channel, "sar:polarizations": [channel]} for channel in channels
        ]
    return asset
