"""The picture against an independent warp, and its seams."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from infrastructure.catalogue import BBox, ItemAssets
from infrastructure.errors import Misconfigured, Unreadable
from tiling.assets import overview
from tiling.render import draw
from tiling.style import Style
from tiling.view import View

MERCATOR = CRS.from_epsg(3857)
EDGES = 1e-3
"""Share of pixels that may fall on the other side of a file's edge: GDAL interpolates between
exactly warped pixels, to an eighth of a pixel."""
RGB = Style.parse({"assets": ["B4", "B3", "B2"], "rescale": [[0, 10000]]})


def view_of(items: Sequence[ItemAssets], step: float, crs: CRS = MERCATOR) -> View:
    """The whole of some items at a pixel size."""
    boxes = np.array([item.bbox for item in items])
    whole = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    left, bottom, right, top = transform_bounds("OGC:CRS84", crs, *whole)
    width, height = round((right - left) / step), round((top - bottom) / step)
    return View((left, top - height * step, left + width * step, top), crs, width, height)


def part(view: View, rows: slice, columns: slice) -> View:
    """The part of a view between pixel edges."""
    left, top = view.transform @ (columns.start, rows.start)
    right, bottom = view.transform @ (columns.stop, rows.stop)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    return View((left, bottom, right, top), view.crs, width, height)


def share(marks: NDArray[Any]) -> float:
    """How many of the pixels are marked, from 0 to 1."""
    return float(np.count_nonzero(marks)) / marks.size


def warped(item: ItemAssets, view: View) -> NDArray[Any]:
    """Each asset of an item warped by rasterio alone: (bands, rows, columns)."""
    bands = []
    for href in item.hrefs.values():
        with (
            rasterio.open(href.removeprefix("file://")) as dataset,
            WarpedVRT(
                dataset,
                crs=view.crs,
                transform=from_bounds(*view.bbox, view.width, view.height),
                width=view.width,
                height=view.height,
                resampling=Resampling.bilinear,
            ) as vrt,
        ):
            bands.append(vrt.read(1))
    return np.stack(bands)


@pytest.fixture
def one(tmp_path: Path, write_cog: Any) -> Any:
    """Write one file and give its item."""

    def make(
        bands: NDArray[Any], crs: str, origin: tuple[float, float, float], name: str = "a"
    ) -> ItemAssets:
        path = tmp_path / f"{name}.tif"
        return ItemAssets(name, write_cog(path, bands, crs, origin), {"data": f"file://{path}"})

    return make


def test_equals_an_independent_warp(scenes: list[ItemAssets]) -> None:
    view = view_of(scenes, 40)
    upper, lower = (warped(item, view) for item in scenes)
    values = np.where((upper == 0).any(axis=0), lower, upper)
    valid = (values != 0).all(axis=0)
    expected = np.moveaxis(np.clip(values / 10000 * 255, 0, 255), 0, -1)

    drawn = draw(scenes, RGB, view)

    assert drawn is not None
    assert set(np.unique(drawn[..., 3])) == {0, 255}
    both = valid & (drawn[..., 3] > 0)
    off = np.abs(drawn[..., :3] - expected).max(axis=-1) > 1.5
    assert share((drawn[..., 3] > 0) != valid) < EDGES
    assert share(off & both) < EDGES


@pytest.mark.parametrize("step", [20.0, 60.0, 400.0])
def test_parts_meet_without_a_seam(scenes: list[ItemAssets], step: float) -> None:
    view = view_of(scenes, step)
    whole = draw(scenes, RGB, view)
    assert whole is not None
    middle = view.width // 2
    rows = slice(0, view.height)
    halves = [
        draw(scenes, RGB, part(view, rows, slice(0, middle))),
        draw(scenes, RGB, part(view, rows, slice(middle, view.width))),
    ]
    joined = np.concatenate([half for half in halves if half is not None], axis=1)
    assert joined.shape == whole.shape
    off = np.abs(joined.astype(int) - whole).max(axis=-1) > 2
    assert share(off) < EDGES
    assert share(off[:, middle - 2 : middle + 2]) < 0.01


def test_parts_meet_in_the_files_own_crs_and_past_its_resolution(one: Any) -> None:
    """No warp is needed there, and resampling of a window alone would show a seam."""
    ramp = np.arange(1, 201, dtype="uint8") + np.zeros((1, 200, 1), dtype="uint8")
    item = one(ramp.astype("uint8"), "EPSG:3857", (0, 200 * 40, 40))
    style = Style.parse({"assets": ["data"]})
    view = View((0, 0, 8000, 8000), MERCATOR, 800, 800)
    whole = draw([item], style, view)
    left = draw([item], style, part(view, slice(0, 800), slice(0, 402)))
    right = draw([item], style, part(view, slice(0, 800), slice(402, 800)))
    assert whole is not None
    assert left is not None
    assert right is not None
    assert np.array_equal(np.concatenate([left, right], axis=1), whole)
    steps = np.diff(whole[400, 20:-20, 0].astype(int))
    assert steps.max() <= 1, "the ramp rises evenly, also across the cut"


def test_the_first_item_is_on_top(scenes: list[ItemAssets]) -> None:
    view = view_of(scenes, 60)
    first, second = draw(scenes, RGB, view), draw(scenes[::-1], RGB, view)
    assert first is not None
    assert second is not None
    assert np.array_equal(first[..., 3], second[..., 3])
    assert (first != second).any()


def test_covered_and_unneeded_files_are_not_opened(one: Any) -> None:
    full = one(np.full((1, 64, 64), 9, "uint8"), "EPSG:3857", (0, 640, 10))
    missing = ItemAssets("missing", full.bbox, {"data": "file:///nowhere.tif"})
    elsewhere = ItemAssets("elsewhere", (50, 50, 51, 51), {"data": "file:///nowhere.tif"})
    lacking = ItemAssets("lacking", full.bbox, {})
    style = Style.parse({"assets": ["data"]})
    view = View((100, 100, 500, 500), MERCATOR, 40, 40)
    drawn = draw([elsewhere, lacking, full, missing], style, view)
    assert drawn is not None
    assert (drawn == (9, 9, 9, 255)).all()
    with pytest.raises(Unreadable, match="nowhere"):
        draw([missing, full], style, view)


def test_nothing_to_show_is_none(scenes: list[ItemAssets]) -> None:
    assert draw([], RGB, view_of(scenes, 100)) is None
    assert draw(scenes, RGB, View((0, 0, 1000, 1000), MERCATOR, 10, 10)) is None


def test_overviews_serve_low_levels_and_nodata_stays_clear(scenes: list[ItemAssets]) -> None:
    with rasterio.open(scenes[0].hrefs["B4"].removeprefix("file://")) as dataset:
        assert dataset.overviews(1) == [2, 4, 8]
        utm = dataset.crs
        levels = [overview(dataset, view_of(scenes, step, utm)) for step in (20, 45, 60, 130, 900)]
    assert levels == [None, None, 0, 1, 2]
    coarse = draw(scenes[:1], RGB, view_of(scenes[:1], 240, utm))
    assert coarse is not None
    rows, columns = np.mgrid[0 : coarse.shape[0], 0 : coarse.shape[1]]
    assert not coarse[columns < rows / 6 - 2, 3].any(), "the collar shows"
    assert coarse[(columns > rows / 6 + 2) & (columns < 80) & (rows < 80), 3].all()


def test_an_item_across_the_antimeridian_shows_on_both_sides(one: Any) -> None:
    """UTM zone 60 reaches past 180°; the catalogue's box is split, or as wide as the world."""
    item = one(np.full((1, 400, 400), 200, "uint8"), "EPSG:32660", (720_000, 5_000_000, 100))
    style = Style.parse({"assets": ["data"]})
    west, south, east, north = item.bbox
    assert west > 0 > east, "rasterio tells the crossing by west > east"
    boxes: list[BBox] = [item.bbox, (-180.0, south, 180.0, north)]
    edge, middle = 20037508.342789244, 5_590_000
    for box in boxes:
        crossing = ItemAssets("crossing", box, item.hrefs)
        left = draw(
            [crossing], style, View((edge - 5000, middle, edge, middle + 5000), MERCATOR, 9, 9)
        )
        right = draw(
            [crossing], style, View((-edge, middle, 5000 - edge, middle + 5000), MERCATOR, 9, 9)
        )
        assert left is not None
        assert right is not None
        assert (left == 200).sum() == (right == 200).sum() == 9 * 9 * 3


def test_expression_colormap_and_classes(one: Any) -> None:
    classes = np.repeat(np.array([[1, 2, 3, 9]], "uint16"), 4, axis=0)[np.newaxis]
    item = one(np.kron(classes, np.ones((1, 16, 16), "uint16")), "EPSG:3857", (0, 640, 10))
    view = View((0, 0, 640, 640), MERCATOR, 64, 64)
    colours = {"1": "#ff0000", "2": [0, 255, 0], "3": [0, 0, 255, 128]}
    drawn = draw([item], Style.parse({"assets": ["data"], "colormap": colours}), view)
    assert drawn is not None
    assert [tuple(drawn[5, column]) for column in (5, 20, 40, 60)] == [
        (255, 0, 0, 255),
        (0, 255, 0, 255),
        (0, 0, 255, 128),
        (0, 0, 0, 0),
    ]
    between = [[[0, 2], "#0000ff"], [[2, 10], "#ffffff"]]
    drawn = draw([item], Style.parse({"assets": ["data"], "colormap": between}), view)
    assert drawn is not None
    assert [tuple(drawn[5, column]) for column in (5, 20)] == [(0, 0, 255, 255), (255,) * 4]
    three = {
        "assets": ["data"],
        "expression": "b1*10;data*0+5;(data_b1>2)*7",
        "rescale": [[0, 255]],
    }
    drawn = draw([item], Style.parse(three), view)
    assert drawn is not None
    assert [tuple(drawn[5, column]) for column in (5, 60)] == [(10, 5, 0, 255), (90, 5, 7, 255)]


def test_differences_of_unsigned_bands_go_below_zero(scenes: list[ItemAssets]) -> None:
    style = Style.parse(
        {"assets": ["B4", "B3"], "expression": "B4-B3", "rescale": [[-10000, 10000]]}
    )
    view = view_of(scenes, 60)
    bands = warped(scenes[0], view).astype(int)
    drawn = draw(scenes[:1], style, view)
    assert drawn is not None
    valid = drawn[..., 3] > 0
    expected = (bands[0] - bands[1] + 10000) / 20000 * 255
    assert share(valid & (np.abs(drawn[..., 0] - expected) > 1.5)) < EDGES
    assert drawn[valid][:, 0].min() < 100


@pytest.mark.parametrize(
    "render",
    [
        {},
        {"assets": []},
        {"assets": ["a"], "rescale": [[5, 5]]},
        {"assets": ["a"], "rescale": "much"},
        {"assets": ["a"], "colormap_name": "no such"},
        {"assets": ["a"], "colormap": {"1": "red"}},
        {"assets": ["a"], "expression": "__import__('os')"},
        {"assets": ["a", "c"], "expression": "b1+b3"},
        {"assets": ["a", "c"], "expression": "a_b2+c"},
        {"assets": ["a"], "resampling": "best"},
        {"assets": ["a"], "nodata": "none"},
        {"assets": ["a"], "bidx": [0]},
    ],
)
def test_a_render_that_cannot_be_drawn_says_so(render: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        Style.parse(render)


def test_an_assets_name_goes_before_a_band_number() -> None:
    style = Style.parse({"assets": ["B5", "b1"], "expression": "(B5-b1)/(b2+B5)"})
    assert style.expression == "(b1-b2)/(b2+b1)"


def test_a_vrt_cannot_lead_elsewhere(tmp_path: Path, scenes: list[ItemAssets]) -> None:
    source = scenes[0].hrefs["B4"].removeprefix("file://")
    vrt = tmp_path / "innocent.tif"
    with rasterio.open(source) as dataset, WarpedVRT(dataset, crs=MERCATOR):
        vrt.write_text(
            f'<VRTDataset rasterXSize="700" rasterYSize="700"><VRTRasterBand dataType="UInt16"'
            f' band="1"><SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource>'
            "</VRTRasterBand></VRTDataset>",
            "utf-8",
        )
    item = ItemAssets("vrt", scenes[0].bbox, {"data": f"file://{vrt}"})
    with pytest.raises(Unreadable):
        draw([item], Style.parse({"assets": ["data"]}), view_of(scenes, 100))
