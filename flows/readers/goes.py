"""GOES ABI Level 2 products: NetCDF files and the rasters made of their layers."""

import pystac

from flows import assets, goes
from flows.extent import look, outline
from flows.found import Found
from flows.goes import Name
from flows.identifiers import safe
from infrastructure.errors import Unreadable

NETCDF = "application/x-netcdf"


def recognises(found: Found) -> bool:
    """Whether a raster has the name of an ABI product."""
    return any(goes.NAME.fullmatch(name) for name in found.files)


def read(found: Found) -> pystac.Item:
    """Make an item of a scene; `datetime` is when its scan began, as in NOAA's catalogues.

    Its id is that of the product without the end and the making of it: a scene that was made again
    keeps it.

    Raises:
        Unreadable: files of several scenes, no raster that tells the place, a damaged file, or a
            date that there is not.
    """
    parts = _parts(found)
    scenes = sorted({part.scene for part in parts.values()})
    if len(scenes) > 1:
        raise Unreadable(f"{found.upstream_id}: files of several scenes: {', '.join(scenes)}")
    rasters = {n: look(n, found.files[n]) for n, part in parts.items() if not part.is_container}
    if not rasters:
        raise Unreadable(f"{found.upstream_id}: no raster in it tells where it lies")
    geometry, bbox = outline(list(rasters.values()))
    first = next(iter(parts.values()))
    item = pystac.Item(
        id=safe(first.scene),
        geometry=geometry,
        bbox=bbox,
        datetime=first.start,
        start_datetime=first.start,
        end_datetime=first.end,
        properties={
            "platform": f"goes-{first.satellite}",
            "constellation": "goes",
            "instruments": ["abi"],
            "processing:level": "L2",
            "product:type": f"ABI-L2-{first.product}{first.sector}",
            "created": first.made.isoformat().replace("+00:00", "Z"),
            "goes:image_type": goes.SECTORS[first.sector],
            "goes:mode": first.mode,
        },
    )
    for name, part in parts.items():
        href = found.files[name]
        if part.is_container:
            item.add_asset("netcdf", pystac.Asset(href, name, None, NETCDF, ["source"]))
        else:
            item.add_asset(_key(part), _layer(part, assets.data(rasters[name], href, _title(part))))
    return item


def _parts(found: Found) -> dict[str, Name]:
    try:
        told = {name: goes.parse(name) for name in sorted(found.files)}
    except ValueError as error:
        raise Unreadable(f"{found.upstream_id}: no date in its name: {error}") from error
    return {name: part for name, part in told.items() if part}


def _key(part: Name) -> str:
    """`CMIP_C04`, and `CMIP_C04_DQF` for the quality flags of it."""
    layer = [] if part.part in {None, part.product[:3]} else [str(part.part)]
    return "_".join([part.product, *([f"C{part.band}"] if part.band else []), *layer])


def _title(part: Name) -> str:
    band = f", band {int(part.band)}" if part.band else ""
    return f"{part.product}{band}: {part.part or 'data'}"


def _layer(part: Name, asset: pystac.Asset) -> pystac.Asset:
    """Flags are no values; of values the band is told."""
    if part.part == "DQF":
        asset.roles = ["data", "quality"]
    elif part.band in goes.BANDS:
        common, centre, gsd = goes.BANDS[part.band]
        named = {"eo:common_name": common} if common else {}
        name = f"ABI Band {int(part.band)}"
        asset.extra_fields["bands"] = [{"name": name, **named, "eo:center_wavelength": centre}]
        asset.extra_fields["gsd"] = gsd
    return asset
