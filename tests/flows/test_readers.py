"""Readers on real products, and on what is none."""

from pathlib import Path
from typing import Any

import pytest

from flows.found import Found
from flows.readers import geotiff, landsat
from infrastructure.errors import Unreadable

SAMPLES = Path(__file__).parent.parent.parent / "samples"


def product(*paths: Path, name: str = "product") -> Found:
    return Found(name, "1", {path.name: path.as_uri() for path in paths})


def folder(path: Path) -> Found:
    return product(*sorted(p for p in path.iterdir() if p.is_file()), name=path.name)


def test_a_landsat_scene_without_metadata_tells_what_its_name_tells() -> None:
    scene = "LC08_L1TP_224077_20200518_20200518_01_RT"
    found = folder(SAMPLES / "itaipu" / scene)
    assert landsat.recognises(found)
    item = landsat.read(found)
    assert item.id == scene
    assert item.datetime is None
    assert item.properties == {
        "start_datetime": "2020-05-18T00:00:00Z",
        "end_datetime": "2020-05-18T23:59:59Z",
        "platform": "landsat-8",
        "instruments": ["oli", "tirs"],
        "constellation": "landsat",
        "landsat:wrs_type": "2",
        "landsat:wrs_path": "224",
        "landsat:wrs_row": "077",
        "landsat:correction": "L1TP",
        "landsat:collection_number": "01",
        "landsat:collection_category": "RT",
    }
    assert list(item.assets) == ["blue", "green", "red"]
    assert item.assets["red"].extra_fields == {
        "gsd": 60.0,
        "bands": [{"name": "B4", "eo:common_name": "red", "eo:center_wavelength": 0.65}],
        "raster:scale": 2e-5,
        "raster:offset": -0.1,
    }
    assert item.bbox == pytest.approx([-55.078, -25.413, -54.473, -24.994], abs=0.001)


@pytest.mark.parametrize("form", ["json", "xml", "txt"])
def test_a_landsat_scene_is_read_the_same_from_each_form_of_its_metadata(
    shared_data: Path, form: str
) -> None:
    scene = shared_data / "imagery/landsat8-c2l2-greenland-005009"
    bands = sorted(scene.glob("*.TIF"))
    (metadata,) = scene.glob(f"*_MTL.{form}")
    item = landsat.read(product(*bands, metadata))
    assert item.datetime is not None
    assert item.datetime.isoformat() == "2015-07-10T14:34:35.978399+00:00"
    measured = {key: item.properties[key] for key in ("eo:cloud_cover", "view:sun_elevation")}
    assert measured == {"eo:cloud_cover": 54.65, "view:sun_elevation": pytest.approx(40.0015903)}
    assert item.properties["view:off_nadir"] == 0
    assert list(item.assets) == ["qa_pixel", "blue", "green", "red", "nir08", "lwir11", "mtl"]
    assert item.assets["blue"].extra_fields["raster:scale"] == pytest.approx(2.75e-05)
    assert item.assets["lwir11"].extra_fields["raster:offset"] == pytest.approx(149.0)
    assert item.assets["qa_pixel"].roles == ["data", "quality"]


def test_files_of_two_scenes_are_no_scene() -> None:
    files = sorted((SAMPLES / "itaipu").glob("*/*_B2.TIF"))
    with pytest.raises(Unreadable, match="files of several scenes"):
        landsat.read(product(*files))


def test_damaged_landsat_metadata_is_a_clear_line(tmp_path: Path) -> None:
    band = next((SAMPLES / "itaipu").glob("*224077*/*_B2.TIF"))
    metadata = tmp_path / "LC08_L1TP_224077_20200518_20200518_01_RT_MTL.json"
    metadata.write_text('{"LANDSAT_META')
    with pytest.raises(Unreadable, match=r"_MTL.json: damaged"):
        landsat.read(product(band, metadata))


@pytest.mark.parametrize(
    ("path", "properties"),
    [
        (
            "naip-with-iso/m_4112001_sw_10_060_20220716.tif",
            {"start_datetime": "2022-07-16T00:00:00Z", "end_datetime": "2022-07-16T23:59:59Z"},
        ),
        (
            "modis-ndvi-timeseries-sinop/TERRA_MODIS_012010_NDVI_2014-08-29.jp2",
            {"start_datetime": "2014-08-29T00:00:00Z", "end_datetime": "2014-08-29T23:59:59Z"},
        ),
    ],
)
def test_a_date_in_a_name_is_a_day(
    shared_data: Path, path: str, properties: dict[str, Any]
) -> None:
    item = geotiff.read(product(shared_data / "imagery" / path, name=path))
    assert item.properties == properties
    assert item.datetime is None


def test_a_time_in_a_name_is_a_moment(shared_data: Path) -> None:
    (path, *_) = (shared_data / "imagery/meris-mediterranean-2006").rglob("*20060822*.tif")
    item = geotiff.read(product(path))
    assert item.datetime is not None
    assert item.datetime.isoformat() == "2006-08-22T09:20:58+00:00"
    assert item.assets["data"].extra_fields["bands"] == [{"name": f"b{n}"} for n in (1, 2, 3)]


def test_a_pattern_of_the_collection_file_goes_before_guesses(shared_data: Path) -> None:
    (path,) = (shared_data / "imagery/goes16-geostationary").glob("*CMI.tif")
    with pytest.raises(Unreadable, match="no acquisition date"):
        geotiff.read(product(path), pattern=r"_s(?P<day>\d{4})")
    years = shared_data / "imagery/landsat-timeseries-pucallpa/1985.tif"
    item = geotiff.read(product(years), pattern=r"(?P<year>\d{4})\.tif")
    span = {"start_datetime": "1985-01-01T00:00:00Z", "end_datetime": "1985-12-31T23:59:59Z"}
    assert item.properties == span


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("not-a-tiff.TIF", "no raster that GDAL knows"),
        ("zero-byte-B03.jp2", "no raster that GDAL knows"),
        ("corrupt.tif", "cannot be read"),
        ("jpeg-named.TIF", "no coordinate reference system"),
        ("rotated.tif", "no coordinate reference system"),
        ("cog_hirise_mars.tif", "its place cannot be told in degrees"),
        ("inverted_lat.tif", "no acquisition date"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_file_and_reason(
    shared_data: Path, name: str, reason: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        geotiff.read(product(shared_data / "malformed/raster" / name, name=name))
    assert name in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_found_out_though_it_opens(tmp_path: Path) -> None:
    band = next((SAMPLES / "itaipu").glob("*224077*/*_B2.TIF"))
    cut = tmp_path / "20200518.tif"
    cut.write_bytes(band.read_bytes()[:-200_000])
    with pytest.raises(Unreadable, match=r"20200518.tif: cannot be read"):
        geotiff.read(product(cut))


def test_names_become_safe_identifiers(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "imagery/naip-with-iso/m_4112001_sw_10_060_20220716.tif"
    copy = tmp_path / "é #1 (20220716).tif"
    copy.write_bytes(source.read_bytes())
    item = geotiff.read(product(copy, name="a/b/é #1 (20220716).tif"))
    assert item.id == "a~2Fb~2F~C3~A9~20~231~20~2820220716~29"


def test_rasters_that_differ_in_their_suffix_alone_are_all_assets(tmp_path: Path) -> None:
    band = next((SAMPLES / "itaipu").glob("*224077*/*_B2.TIF"))
    paths = [tmp_path / name for name in ("20200518.tif", "20200518.TIFF")]
    for path in paths:
        path.write_bytes(band.read_bytes())
    assert len(geotiff.read(product(*paths)).assets) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("LC08_L2SP_005009_20150710_20200908_02_T2", "LC08_other"), "of another scene"),
        (("14:34:35.9783990Z", "late"), "wrong value in name or metadata"),
        (('"54.65"', '"NULL"'), "wrong value in name or metadata"),
        (("DATE_ACQUIRED", "DATE_LOST"), "wrong value in name or metadata"),
    ],
)
def test_wrong_landsat_metadata_is_a_clear_line(
    shared_data: Path, tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    scene = shared_data / "imagery/landsat8-c2l2-greenland-005009"
    metadata = next(scene.glob("*_MTL.json"))
    copy = tmp_path / metadata.name
    copy.write_text(metadata.read_text().replace(*change))
    with pytest.raises(Unreadable, match=sentence):
        landsat.read(product(next(scene.glob("*_B2.TIF")), copy))


def test_an_impossible_day_is_refused(tmp_path: Path) -> None:
    band = next((SAMPLES / "itaipu").glob("*224077*/*_B2.TIF"))
    path = tmp_path / "LC08_L1TP_224077_20201345_20200518_01_RT_B2.TIF"
    path.write_bytes(band.read_bytes())
    with pytest.raises(Unreadable, match="wrong value in name"):
        landsat.read(product(path))
