"""GOES scenes: rasters of a geostationary view, held against the item that stactools made."""

from pathlib import Path

import orjson
import pystac
import pytest
from shapely import Point
from shapely.geometry import shape

from flows import extensions
from flows.found import Found
from flows.readers import goes
from infrastructure.errors import Unreadable

FOLDER = "imagery/goes16-geostationary"


def scene(shared_data: Path) -> Found:
    files = (shared_data / FOLDER).glob("*.tif")
    return Found("scene", "1", {path.name: path.as_uri() for path in files})


def test_a_scene_is_what_stactools_say_it_is(shared_data: Path) -> None:
    found = scene(shared_data)
    assert goes.recognises(found)
    item = goes.read(found)
    document = item.to_dict(include_self_link=False, transform_hrefs=False)
    extensions.check(extensions.declare(document))
    theirs = orjson.loads(next((shared_data / FOLDER).glob("*.json")).read_bytes())
    assert item.datetime == pystac.utils.str_to_datetime(theirs["properties"]["datetime"])
    assert item.properties["end_datetime"] == "2021-05-25T18:11:29.500000Z"
    assert item.properties["platform"] == theirs["properties"]["platform"].lower()
    assert item.properties["goes:mode"] == theirs["properties"]["goes:mode"]
    assert item.properties["goes:image_type"] == theirs["properties"]["goes:image-type"]
    (band,) = item.assets["CMIP_C04"].extra_fields["bands"]
    (told,) = theirs["assets"]["CMIP_C04"]["eo:bands"]
    names = [told[key] for key in ("name", "common_name", "center_wavelength")]
    assert [band[k] for k in ("name", "eo:common_name", "eo:center_wavelength")] == names
    assert item.assets["CMIP_C04_DQF"].has_role("quality")


def test_the_outline_bends_where_four_corners_do_not(shared_data: Path) -> None:
    """Theirs has the corners joined by straight lines, and the bbox of the curves."""
    item = goes.read(scene(shared_data))
    theirs = orjson.loads(next((shared_data / FOLDER).glob("*.json")).read_bytes())
    ours, straight = shape(item.geometry), shape(theirs["geometry"])
    corners = [Point(corner) for corner in straight.exterior.coords]
    assert max(ours.exterior.distance(corner) for corner in corners) < 0.05
    assert 0.95 < (ours & straight).area / (ours | straight).area < 0.96
    assert item.bbox == pytest.approx(theirs["bbox"], abs=0.02)


def test_two_scenes_and_impossible_days_are_clear_lines(shared_data: Path) -> None:
    found = scene(shared_data)
    for old, new, sentence in (
        ("s20211451811238", "s20211451812238", "several scenes"),
        ("s20211451811238", "s20219991811238", "no date in its name"),
    ):
        (name, href), *rest = found.files.items()
        files = {name.replace(old, new): href, **dict(rest)}
        with pytest.raises(Unreadable, match=sentence):
            goes.read(Found("scene", "1", files))
