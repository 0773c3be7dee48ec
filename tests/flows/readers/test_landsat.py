"""Landsat products of all sensors: real packages, and real metadata beside small rasters."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pystac
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import shape

from flows import extensions
from flows.found import Found
from flows.readers import landsat
from infrastructure.errors import Unreadable

SAMPLES = Path(__file__).parent.parent.parent.parent / "samples" / "itaipu"

SCENE = "LC08_L1TP_224077_20200518_20200518_01_RT"

GREENLAND = "imagery/landsat8-c2l2-greenland-005009"

MTL = "iso/landsat-mtl"

STACTOOLS = "stac/items/landsat/landsat-c2-{level}/{name}/{name}.json"


def product(*paths: Path, name: str = "product") -> Found:
    return Found(name, "1", {path.name: path.as_uri() for path in paths})


def folder(path: Path) -> Found:
    return product(*sorted(p for p in path.iterdir() if p.is_file()), name=path.name)


def read(found: Found) -> pystac.Item:
    """Read, and hold the item against the schemas of its extensions."""
    assert landsat.recognises(found)
    item = landsat.read(found)
    extensions.check(
        extensions.declare(item.to_dict(include_self_link=False, transform_hrefs=False))
    )
    return item


def band(path: Path) -> Path:
    """A small raster over 300 km of UTM zone 17 north."""
    profile = {"driver": "GTiff", "count": 1, "height": 3, "width": 3, "dtype": "uint16"}
    grid = from_origin(400_000, 5_000_000, 100_000, 100_000)
    with rasterio.open(path, "w", crs="EPSG:32617", transform=grid, **profile) as target:
        target.write(np.ones((1, 3, 3), "uint16"))
    return path


def test_a_scene_without_metadata_tells_what_its_name_tells() -> None:
    item = read(folder(SAMPLES / SCENE))
    assert item.id == SCENE
    assert item.datetime is None
    assert item.properties == {
        "start_datetime": "2020-05-18T00:00:00Z",
        "end_datetime": "2020-05-18T23:59:59Z",
        "platform": "landsat-8",
        "instruments": ["oli", "tirs"],
        "constellation": "landsat",
        "gsd": 30,
        "processing:level": "L1",
        "landsat:wrs_type": "2",
        "landsat:wrs_path": "224",
        "landsat:wrs_row": "077",
        "landsat:correction": "L1TP",
        "landsat:collection_number": "01",
        "landsat:collection_category": "RT",
        "datetime": None,
    }
    assert list(item.assets) == ["blue", "green", "red"]
    assert item.assets["red"].extra_fields == {
        "gsd": 30,
        "bands": [
            {
                "name": "B4",
                "eo:common_name": "red",
                "eo:center_wavelength": 0.65,
                "eo:full_width_half_max": 0.04,
            }
        ],
        "raster:scale": 2e-5,
        "raster:offset": -0.1,
        "raster:spatial_resolution": 60.0,
    }
    assert item.bbox == pytest.approx([-55.078, -25.413, -54.473, -24.994], abs=0.001)


@pytest.mark.parametrize("form", ["json", "xml", "txt"])
def test_a_product_is_read_the_same_from_each_form_of_its_metadata(
    shared_data: Path, form: str
) -> None:
    scene = shared_data / GREENLAND
    (metadata,) = scene.glob(f"*_MTL.{form}")
    item = read(product(*sorted(scene.glob("*.TIF")), metadata))
    whole = read(folder(scene))
    lost = {"LC08_L2SP_005009_20150710_20200908_02_T2_ANG.txt"}
    lost |= {path.name for path in scene.glob("*_MTL.[tx]*") if path != metadata}
    missing = item.properties.pop("swath:missing")
    assert missing == sorted({*whole.properties.pop("swath:missing"), *lost})
    assert item.properties == whole.properties
    told = item.assets.pop(f"mtl.{form}")
    assert told.roles == ["metadata"]
    assert list(item.assets) == ["qa_pixel", "blue", "green", "red", "nir08", "lwir11"]
    assert [asset.to_dict() for asset in item.assets.values()] == [
        whole.assets[key].to_dict() for key in item.assets
    ]


@pytest.mark.parametrize(
    ("lost", "common"), [((), 0.999), ("_stac.json", 0.96), (("_stac.json", "_ANG.txt"), 0.5)]
)
def test_the_footprint_is_told_by_the_agencys_item_or_the_angles_or_the_rasters(
    shared_data: Path, lost: str | tuple[str, ...], common: float
) -> None:
    scene = shared_data / GREENLAND
    (item,) = scene.glob("*_SR_stac.json")
    theirs = shape(orjson.loads(item.read_bytes())["geometry"])
    files = [path for path in scene.iterdir() if not path.name.endswith(lost)]
    ours = shape(read(product(*files)).geometry)
    assert common < (ours & theirs).area / (ours | theirs).area < common + 0.1


def test_the_agencys_item_in_the_package_says_the_same(shared_data: Path) -> None:
    """It is kept as metadata."""
    item = read(folder(shared_data / GREENLAND))
    asset = item.assets["sr_stac"]
    assert asset.roles == ["metadata"]
    theirs = orjson.loads(Path(asset.href.removeprefix("file://")).read_bytes())
    assert item.id == theirs["id"]
    bands = {one["name"]: one for one in theirs["properties"]["eo:bands"]}
    for key in ("blue", "green", "red", "nir08"):
        (told,) = item.assets[key].extra_fields["bands"]
        agencys = bands[told["name"]]
        assert told["eo:common_name"] == key == agencys["common_name"]
        assert told["eo:center_wavelength"] == agencys["center_wavelength"]
        assert item.assets[key].extra_fields["gsd"] == agencys["gsd"]


@pytest.mark.parametrize(
    ("metadata", "level"),
    [
        ("LC09_L2SP_010065_20220129_20220131_02_T1_MTL.txt", "l2"),
        ("LC09_L2SP_010065_20220129_20220131_02_T1_MTL.xml", "l2"),
        ("LE07_L2SP_021030_20100109_20200911_02_T1_MTL.xml", "l2"),
        ("LT05_L2SP_010067_19860424_20200918_02_T2_MTL.xml", "l2"),
        ("LM01_L1GS_001010_19720908_20200909_02_T2_MTL.xml", "l1"),
    ],
)
def test_every_sensor_becomes_what_stactools_make_of_it(
    shared_data: Path, tmp_path: Path, metadata: str, level: str
) -> None:
    """But Level 1 becomes reflectance and not radiance, and some wavelengths differ by 0.01."""
    parts = metadata.removesuffix(".txt").removesuffix(".xml").removesuffix("_MTL").split("_")
    name = "_".join([*parts[:4], *parts[5:]])
    document = (shared_data / STACTOOLS.format(level=level, name=name)).read_bytes()
    theirs = orjson.loads(document)
    rasters = {
        key: Path(told["href"]).name
        for key, told in theirs["assets"].items()
        if told["href"].endswith(".TIF")
    }
    item = read(
        product(shared_data / MTL / metadata, *(band(tmp_path / n) for n in rasters.values()))
    )
    assert {"_".join(parts)} == {item.id}
    assert {key: Path(item.assets[key].href).name for key in rasters} == rasters
    told = theirs["properties"]
    for field in told.keys() & item.properties.keys() - {"datetime", "created"}:
        assert (field, item.properties[field]) == (field, told[field])
    assert item.datetime == pystac.utils.str_to_datetime(told["datetime"])
    for key in rasters:
        _agree(item.assets[key].extra_fields, theirs["assets"][key])
    assert not [name for name in item.properties["swath:missing"] if name.endswith(".TIF")]


def _agree(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    names = [field["name"] for field in ours.get("classification:bitfields", [])]
    assert names == [field["name"] for field in theirs.get("classification:bitfields", [])]
    (raster,) = theirs["raster:bands"]
    if "eo:bands" not in theirs or not str(raster.get("unit")).startswith("watt"):
        assert ours.get("raster:scale") == raster.get("scale")
        assert ours.get("raster:offset") == raster.get("offset")
    for one, two in zip(theirs.get("eo:bands", []), ours.get("bands", []), strict=True):
        assert one["common_name"] == two["eo:common_name"]
        assert one["center_wavelength"] == pytest.approx(two["eo:center_wavelength"], abs=0.011)
        assert one["full_width_half_max"] == two["eo:full_width_half_max"]


def test_metadata_alone_tell_the_place_of_the_grid(shared_data: Path) -> None:
    item = read(product(shared_data / MTL / "LM01_L1GS_001010_19720908_20200909_02_T2_MTL.xml"))
    assert item.bbox == pytest.approx([-37.01729, 69.3784, -29.68069, 71.65341])
    assert list(item.assets) == ["mtl.xml"]
    assert len(item.properties["swath:missing"]) == 7
    assert item.properties["landsat:wrs_type"] == "1"


def test_files_with_short_names_are_of_the_product_that_their_folder_names(
    shared_data: Path,
) -> None:
    scene = "LC08_L1TP_013032_20180131_20180207_01_T1"
    item = read(folder(shared_data / "imagery/landsat8-c1l1-newyork-2018" / scene))
    assert item.id == scene
    assert sorted(item.assets) == [
        "blue", "bqa", "cirrus", "coastal", "green", "lwir11", "lwir12", "nir08", "pan", "red",
        "swir16", "swir22",
    ]  # fmt: skip
    assert item.assets["pan"].extra_fields["gsd"] == 15


def test_a_scene_before_the_collections_tells_its_day(shared_data: Path) -> None:
    item = read(folder(shared_data / "imagery/landsat8-tokyo-crop"))
    assert item.id == item.properties["landsat:scene_id"] == "LC81070352015122LGN00"
    assert item.properties["start_datetime"] == "2015-05-02T00:00:00Z"
    assert (item.properties["landsat:wrs_path"], item.properties["landsat:wrs_row"]) == (
        "107",
        "035",
    )
    assert not {"landsat:collection_number", "landsat:correction"} & item.properties.keys()
    assert list(item.assets) == ["blue", "green", "red"]


def test_level_2_of_collection_1_and_the_two_gains_of_etm_have_keys_of_their_own(
    tmp_path: Path,
) -> None:
    scene = "LE07_L1TP_021030_20100109_20160911_01_T1"
    parts = ("sr_band4.tif", "bt_band6.tif", "pixel_qa.tif", "B6_VCID_1.TIF", "B6_VCID_2.TIF")
    item = read(product(*(band(tmp_path / f"{scene}_{part}") for part in parts)))
    keys = ["lwir_vcid_1", "lwir_vcid_2", "lwir", "pixel_qa", "nir08"]
    assert list(item.assets) == keys
    assert item.assets["nir08"].extra_fields["raster:scale"] == 1e-4
    assert item.assets["lwir"].extra_fields["unit"] == "K"
    assert item.assets["pixel_qa"].has_role("quality")


def test_no_file_takes_the_place_of_another(tmp_path: Path) -> None:
    """One order can have the same band of Level 1 and as surface reflectance."""
    scene = "LE07_L1TP_021030_20100109_20160911_01_T1"
    parts = ("B4.TIF", "B4.tiff", "sr_band4.tif")
    item = read(product(*(band(tmp_path / f"{scene}_{part}") for part in parts)))
    assert list(item.assets) == ["nir08", "b4", "sr_band4"]


def test_keys_of_collection_1_are_understood(tmp_path: Path) -> None:
    """Its MTL names the time of processing and the files otherwise."""
    path = tmp_path / f"{SCENE}_MTL.txt"
    path.write_text(
        "GROUP = L1_METADATA_FILE\n  GROUP = METADATA_FILE_INFO\n"
        '    LANDSAT_SCENE_ID = "LC82240772020139LGN00"\n'
        f'    LANDSAT_PRODUCT_ID = "{SCENE}"\n    FILE_DATE = 2020-05-18T17:47:47Z\n'
        '    PROCESSING_SOFTWARE_VERSION = "LPGS_13.1.0"\n'
        "    DATE_ACQUIRED = 2020-05-18\n"
        '    SCENE_CENTER_TIME = "13:35:12.1234560Z"\n'
        f'    FILE_NAME_BAND_1 = "{SCENE}_B1.TIF"\n'
        f'    FILE_NAME_BAND_4 = "{SCENE}_B4.TIF"\n'
        f'    ANGLE_COEFFICIENT_FILE_NAME = "{SCENE}_ANG.txt"\n'
        f'    METADATA_FILE_NAME = "{SCENE}_MTL.txt"\n'
        '    CPF_NAME = "LC08CPF_20200401_20200630_01.03"\n'
        "    CLOUD_COVER = -1.00\n    CLOUD_COVER_LAND = 3.00\n"
        "    SUN_AZIMUTH = -30.5\n    RADIANCE_MULT_BAND_10 = 3.3420E-04\n"
        "    RADIANCE_ADD_BAND_10 = 0.10000\n  END_GROUP = METADATA_FILE_INFO\n"
        "END_GROUP = L1_METADATA_FILE\nEND\n"
    )
    thermal = band(tmp_path / f"{SCENE}_B10.TIF")
    item = read(product(SAMPLES / SCENE / f"{SCENE}_B4.TIF", thermal, path))
    told = {key: value for key, value in item.properties.items() if key not in NAMED}
    assert told == {
        "landsat:cloud_cover_land": 3.0,
        "view:sun_azimuth": 329.5,
        "landsat:scene_id": "LC82240772020139LGN00",
        "landsat:product_generated": "2020-05-18T17:47:47Z",
        "processing:software": {"LPGS": "13.1.0"},
        "swath:missing": [f"{SCENE}_ANG.txt", f"{SCENE}_B1.TIF"],
    }
    assert item.assets["lwir11"].extra_fields["unit"] == "W/(m^2 sr um)"


NAMED = {
    "platform", "instruments", "constellation", "gsd", "processing:level", "landsat:wrs_type",
    "landsat:wrs_path", "landsat:wrs_row", "landsat:correction", "landsat:collection_number",
    "landsat:collection_category", "datetime",
}  # fmt: skip
"""What names tell."""


def test_files_of_two_scenes_are_no_scene() -> None:
    with pytest.raises(Unreadable, match="files of several scenes"):
        landsat.read(product(*sorted(SAMPLES.glob("*/*_B2.TIF"))))


def test_damaged_metadata_are_a_clear_line(tmp_path: Path) -> None:
    metadata = tmp_path / f"{SCENE}_MTL.json"
    metadata.write_text('{"LANDSAT_META')
    with pytest.raises(Unreadable, match=r"_MTL.json: damaged"):
        landsat.read(product(SAMPLES / SCENE / f"{SCENE}_B2.TIF", metadata))


METADATA, ANGLES = "*_MTL.json", "*_ANG.txt"
PLACES = "tell different places|cannot be told in degrees"


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (METADATA, "LC08_L2SP_005009_20150710_20200908_02_T2", "LC08_other", "of another scene"),
        (METADATA, "14:34:35.9783990Z", "late", "wrong value in name or metadata"),
        (METADATA, '"54.65"', '"NULL"', "wrong value in name or metadata"),
        (METADATA, "DATE_ACQUIRED", "DATE_LOST", "wrong value in name or metadata"),
        (METADATA, "2.75e-05", "small", "wrong value in name or metadata"),
        (ANGLES, "8143800.000", "north", "corners of the image cannot be read"),
        (ANGLES, "365700.000,", "-9365700.000,", PLACES),
    ],
)
def test_wrong_metadata_are_a_clear_line(  # noqa: PLR0917 - one for each column
    shared_data: Path, tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    scene = shared_data / GREENLAND
    source = next(scene.glob(file))
    copy = tmp_path / source.name
    copy.write_text(source.read_text().replace(old, new))
    with pytest.raises(Unreadable, match=sentence):
        landsat.read(product(next(scene.glob("*_B2.TIF")), copy))


def test_an_item_of_another_product_is_refused(shared_data: Path, tmp_path: Path) -> None:
    scene = shared_data / GREENLAND
    item = next(scene.glob("*_SR_stac.json"))
    copy = tmp_path / item.name
    for content, sentence in (
        (item.read_text().replace("LC08_L2SP_005009", "LC08_L2SP_005010"), "another product"),
        ("[]", "no STAC Item"),
    ):
        copy.write_text(content)
        with pytest.raises(Unreadable, match=sentence):
            landsat.read(product(next(scene.glob("*_B2.TIF")), copy))


def test_an_impossible_day_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "LC08_L1TP_224077_20201345_20200518_01_RT_B2.TIF"
    path.write_bytes((SAMPLES / SCENE / f"{SCENE}_B2.TIF").read_bytes())
    with pytest.raises(Unreadable, match="wrong value in name"):
        landsat.read(product(path))
