"""Readers on real products, and on what is none."""

from pathlib import Path
from typing import Any

import pytest

from flows.found import Found
from flows.readers import geotiff
from infrastructure.errors import Unreadable

SAMPLES = Path(__file__).parent.parent.parent / "samples"


def product(*paths: Path, name: str = "product") -> Found:
    return Found(name, "1", {path.name: path.as_uri() for path in paths})


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
