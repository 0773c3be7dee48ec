"""Write how our items differ from those of the agencies: `python scripts/agency_items.py FOLDER`.

FOLDER is the collection of real products, records and STAC Items that the tests run on, too. Each
product that somebody else made an item of as well is read by our readers, and both are compared.
"""

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from shapely.geometry import shape

from flows.collection import CollectionFile
from flows.packages.archive import unpacked
from flows.product import reader_of
from flows.scope import Scope
from flows.sources import folder
from flows.stac.bands import modern
from flows.stac.migrate import current

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "agency-items.md"

Json = dict[str, Any]

HEAD = """# Agencies' own items

<!-- Written by scripts/agency_items.py. -->

Where an agency, or the makers of the field's tools, publish a STAC Item of a product that we have,
ours is held against it: id, times, place, platform, instruments, pixel size, cloud cover, angles,
orbit, reference system, and the bands of each asset. Platforms and instruments are compared without
their case, hyphens and underscores. *Place* is the share of the area of both footprints that is
common to them. The test `tests/flows/test_agency_items.py` compares this page with what the
readers do, and wants a reason for each difference.
"""


@dataclass(frozen=True)
class Pair:
    """A product, and the item that somebody else made of it."""

    family: str
    product: Json
    """Options of the folder source."""
    item: str
    maker: str


MANIFESTS, STACTOOLS = "iso/safe-manifests", "stac/items"

PAIRS = [
    Pair(
        "sentinel2-cog",
        {"url": "imagery/sentinel2-l2a-cog-29RKH", "scene": "root"},
        "imagery/sentinel2-l2a-cog-29RKH/S2A_29RKH_20200219_0_L2A.json",
        "Earth Search",
    ),
    *(
        Pair(
            "sentinel2",
            {"url": f"{MANIFESTS}/sentinel2", "include": [name]},
            f"{STACTOOLS}/sentinel2-stactools/{name.removesuffix('.SAFE')}.json",
            "stactools",
        )
        for name in (
            "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE",
            "S2A_MSIL2A_20190212T192651_N0212_R013_T07HFE_20201007T160857.SAFE",
            "S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE",
        )
    ),
    *(
        Pair(
            "sentinel1",
            {"url": f"{MANIFESTS}/sentinel1", "scene": "folder", "include": [f"*{name}*"]},
            f"{STACTOOLS}/sentinel1/grd/{name}/{name}.json",
            "stactools",
        )
        for name in (
            "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13",
            "S1A_EW_GRDM_1SDH_20221130T014342_20221130T014446_046117_058549",
        )
    ),
    Pair(
        "sentinel3",
        {"url": f"{MANIFESTS}/sentinel3"},
        f"{STACTOOLS}/sentinel3/"
        "S3A_SL_2_LST_20210510T002955_20210510T003255_0179_071_301_5760.json",
        "stactools",
    ),
    *(
        Pair(
            "landsat",
            {"url": f"imagery/{place}", "scene": "root"},
            f"imagery/{place}/{name}_SR_stac.json",
            "USGS",
        )
        for place, name in (
            ("landsat8-c2l2-greenland-005009", "LC08_L2SP_005009_20150710_20200908_02_T2"),
            ("landsat8-c2l2-amazon-001062", "LC08_L2SP_001062_20201031_20201106_02_T2"),
        )
    ),
    Pair(
        "goes",
        {"url": "imagery/goes16-geostationary"},
        "imagery/goes16-geostationary/OR_ABI-L2-M1-M6_G16_s20211451811238.json",
        "stactools",
    ),
    Pair(
        "oisst",
        {"url": "imagery/noaa-oisst-global", "scene": "root"},
        "imagery/noaa-oisst-global/oisst-avhrr-v02r01.20220913.json",
        "NOAA",
    ),
]

FIELDS = (
    "datetime", "start_datetime", "end_datetime", "platform", "constellation", "instruments", "gsd",
    "eo:cloud_cover", "view:sun_azimuth", "view:sun_elevation", "view:azimuth",
    "view:incidence_angle", "view:off_nadir", "sat:orbit_state", "sat:absolute_orbit",
    "sat:relative_orbit", "sat:platform_international_designator", "grid:code", "proj:code",
    "sar:polarizations", "sar:instrument_mode", "sar:resolution_range", "sar:pixel_spacing_range",
    "landsat:scene_id", "landsat:wrs_path", "landsat:wrs_row", "landsat:cloud_cover_land",
)  # fmt: skip
"""Properties that are compared, where the other item has them."""

REASONS = {
    ("sentinel2", "id"): "The product's own name, as ESA's catalogues have it: reprocessed products"
    " of one tile have different names.",
    ("sentinel2", "view:azimuth"): "The mean of directions; the other is the mean of the numbers,"
    " which is wrong where they lie on both sides of north.",
    ("sentinel1", "id"): "The product's own name: the last four characters tell apart two products"
    " of one slice.",
    ("sentinel1", "proj:code"): "The image has ground control points and no grid; 4326 is the"
    " reference system of the points.",
    ("sentinel3", "id"): "The product's own name, as EUMETSAT and ESA have it.",
    ("landsat", "datetime"): "The centre of the scene, from the MTL; the other has the day.",
    ("landsat", "landsat:wrs_path"): "Three digits, as the Landsat extension 2.0 wants it.",
    ("landsat", "landsat:wrs_row"): "Three digits, as the Landsat extension 2.0 wants it.",
    ("goes", "id"): "The product of one channel, which is what was delivered; the other is an item"
    " of all channels of the scene.",
    ("goes", "place"): "Its edges bend in degrees and are drawn so; the other joins the four"
    " corners by straight lines.",
}
"""Family and what differs -> why."""


def compare(data: Path, pair: Pair) -> tuple[str, list[tuple[str, str, str]], list[str]]:
    """The id of our item, what differs (name, theirs, ours), and what is the same."""
    (found,) = folder.search(Scope(base=data), **pair.product)
    words = {"id": "agencies", "title": "Agencies", "description": "Agencies"}
    story = CollectionFile.model_validate({**words, "source": {"type": "folder"}})
    found = unpacked(found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = reader_of(found, story).read(found).to_dict(include_self_link=False)
        told = orjson.loads((data / pair.item).read_bytes())
        theirs = modern({"assets": {}, **current(told, pair.item)})
    pairs = list(_pairs(theirs, ours))
    differ = [(name, _short(one), _short(two)) for name, one, two in pairs if one != two]
    return ours["id"], differ, [name for name, one, two in pairs if one == two]


def _pairs(theirs: Json, ours: Json) -> Iterator[tuple[str, Any, Any]]:
    """What is compared: name, theirs, ours."""
    yield "id", theirs["id"], ours["id"]
    common = _common(shape(theirs["geometry"]), shape(ours["geometry"]))
    yield "place", 1.0, 1.0 if common > 0.99 else round(common, 3)
    for name in FIELDS:
        if theirs["properties"].get(name) is not None:
            yield name, *(_plain(name, item["properties"].get(name)) for item in (theirs, ours))
    yield from _bands(theirs, ours)


def _common(one: Any, two: Any) -> float:
    return float(one.intersection(two).area / one.union(two).area)


def _plain(name: str, value: Any) -> Any:
    """A value without what is but a way of writing it."""
    if name in {"platform", "constellation"} and isinstance(value, str):
        return value.lower().replace("_", "-")
    if name == "instruments" and value:
        parts = (part for told in value for part in str(told).lower().split("_"))
        return sorted(parts)
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, str) and name.endswith("datetime"):
        return value.replace("Z", "").replace("+00:00", "").ljust(26, "0")[:23]
    return value


def _bands(theirs: Json, ours: Json) -> Iterator[tuple[str, Any, Any]]:
    """The bands of assets that both have under one key."""
    for key in sorted(theirs["assets"].keys() & ours["assets"].keys()):
        one, two = (_spectrum(item["assets"][key]) for item in (theirs, ours))
        if one:
            yield f"bands of `{key}`", one, two


def _spectrum(asset: Json) -> list[tuple[Any, Any]]:
    bands = asset.get("bands") or []
    told = [(band.get("eo:common_name"), band.get("eo:center_wavelength")) for band in bands]
    return [band for band in told if any(band)]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 90 else f"{text[:90]}..."


def page(data: Path) -> str:
    """The page of the documentation.

    Raises:
        KeyError: a difference has no reason.
    """
    lines = [HEAD]
    for pair in PAIRS:
        name, differ, same = compare(data, pair)
        lines += [f"## `{name}`", "", f"Held against the item of {pair.maker}: `{pair.item}`.", ""]
        lines += [f"The same: {', '.join(same) or 'nothing'}.", ""]
        if differ:
            lines += ["| | Theirs | Ours | Why |", "|---|---|---|---|"]
            lines += [_row(pair, *difference) for difference in differ]
            lines.append("")
    return "\n".join(lines)


def _row(pair: Pair, name: str, theirs: str, ours: str) -> str:
    reason = REASONS[pair.family, name]
    return f"| {name} | `{theirs}` | `{ours}` | {reason} |"


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), "utf-8")
