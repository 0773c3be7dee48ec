"""Packages that are damaged, mixed up or lie: each is refused with what is wrong, or read right."""

import shutil
from pathlib import Path

import pytest
from shapely.geometry import shape

from flows.found import Found
from flows.readers import (
    cbers,
    ecs,
    envisat,
    eop,
    goes,
    sentinel1,
    sentinel2,
    sentinel2_aws,
    sentinel3,
    stac_files,
)
from infrastructure.errors import Unreadable

SAFE = "iso/safe-manifests"


def product(folder: Path, name: str = "product") -> Found:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return Found(name, "1", {str(path.relative_to(folder)): path.as_uri() for path in files})


def copied(source: Path, target: Path, pattern: str = "*") -> Path:
    """A writable copy of files of a product, with their folders."""
    for path in source.rglob(pattern):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return target


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


SCAN = "s20211451811238_e20211451811295_c20211451811353_DQF"

RENAMED = {
    "imagery/cbers4-pan10m-ovr": (
        cbers.read, "161_109_L4_BAND4", "161_110_L4_BAND4", r"files of several scenes: CBERS_4_PAN"
    ),
    "imagery/cbers4a-wfi-argentina": (cbers.read, "20200801", "20200231", "no date in its name"),
    "imagery/goes16-geostationary": (
        goes.read, SCAN, SCAN.replace("11238", "11248"), "files of several scenes: OR_ABI"
    ),
    "imagery/modis-myd13a1-australia": (ecs.read, "A2020153", "A2020399", "no date in its name"),
    "imagery/asar-wsm-gcps": (envisat.read, "20050331_", "20050399_", "no date in its name"),
}  # fmt: skip
"""Folder -> its reader, what of its names is replaced and by what, and what is told."""


@pytest.mark.parametrize("source", RENAMED)
def test_names_that_do_not_fit_are_refused(shared_data: Path, tmp_path: Path, source: str) -> None:
    read, old, new, told = RENAMED[source]
    folder = copied(shared_data / source, tmp_path, "*.[tT][iI][fF]*")
    for path in list(folder.iterdir()):
        path.rename(path.with_name(path.name.replace(old, new)))
    with pytest.raises(Unreadable, match=told):
        read(product(folder))


def test_a_writer_of_eo_om_that_has_the_longitude_first_is_understood(
    shared_data: Path, tmp_path: Path
) -> None:
    """The images tell which order is meant."""
    folder = copied(shared_data / "imagery/meris-mediterranean-2006", tmp_path, "*20060822*")
    right = eop.read(product(folder))
    (path,) = folder.glob("*.xml")
    text = path.read_text("utf-8")
    start = text.index("<gml:posList>") + len("<gml:posList>")
    end = text.index("</gml:posList>")
    numbers = text[start:end].split()
    swapped = " ".join(f"{x} {y}" for y, x in zip(numbers[::2], numbers[1::2], strict=True))
    path.write_text(text[:start] + swapped + text[end:], "utf-8")
    assert shape(eop.read(product(folder)).geometry).equals(shape(right.geometry))


def test_eo_om_of_another_place_or_of_two_products_is_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = copied(shared_data / "imagery/meris-mediterranean-2006", tmp_path, "*20060822*")
    (path,) = folder.glob("*.xml")
    text = path.read_text("utf-8")
    (folder / "second.xml").write_text(text, "utf-8")
    with pytest.raises(Unreadable, match=r"metadata of several products: .*, second\.xml"):
        eop.read(product(folder))
    (folder / "second.xml").unlink()
    start, end = text.index("<gml:posList>") + 13, text.index("</gml:posList>")
    path.write_text(f"{text[:start]}-10 100 -10 110 -20 110 -10 100{text[end:]}", "utf-8")
    with pytest.raises(Unreadable, match="the images lie elsewhere than the metadata say"):
        eop.read(product(folder))


def test_a_granule_across_the_antimeridian_is_cut_there(shared_data: Path) -> None:
    (source,) = (shared_data / "iso/modis-ecs").glob("MOD13Q1*")
    text = source.read_text("utf-8")
    for longitude in ("-63.8417595448675", "-69.2820322946525"):
        text = text.replace(longitude, "175.0")
    for longitude in ("-52.9919478058681", "-57.5007035540871"):
        text = text.replace(longitude, "-175.0")
    item = ecs.read(Found(source.name, "1", record=text.encode()))
    assert item.geometry is not None
    assert item.geometry["type"] == "MultiPolygon"
    assert item.bbox is not None
    assert (item.bbox[0], item.bbox[2]) == (175.0, -175.0)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<EXT_POS_LIST>", "<EXT_POS_LIST>x ", "its footprint cannot be read"),
        ("<PRODUCT_START_TIME>", "<PRODUCT_START_TIME>soon ", "PRODUCT_START_TIME is no time"),
        ("<PRODUCT_URI>", "<NO_URI>", "no well-formed XML"),
        ("</Granule_List>", "<Granule/></Granule_List>", "2 tiles in one product"),
        ("<SENSING_ORBIT_NUMBER>", "<SENSING_ORBIT_NUMBER>x", "SENSING_ORBIT_NUMBER is no number"),
    ],
)
def test_damaged_metadata_of_sentinel_2_are_told(
    shared_data: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    name = "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE"
    folder = copied(shared_data / SAFE / "sentinel2" / name, tmp_path)
    edited(folder / "MTD_MSIL1C.xml", old, new)
    with pytest.raises(Unreadable, match=told):
        sentinel2.read(product(folder, name))


def test_sentinel_2_without_its_metadata_is_no_bundle_of_rasters(
    shared_data: Path, tmp_path: Path
) -> None:
    name = "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE"
    folder = copied(shared_data / SAFE / "sentinel2" / name, tmp_path, "manifest.safe")
    found = product(folder, name)
    assert sentinel2.recognises(found)
    with pytest.raises(Unreadable, match=r"metadata .* are missing"):
        sentinel2.read(found)


def test_dark_pixels_have_an_offset_from_baseline_4_on(shared_data: Path, tmp_path: Path) -> None:
    (source,) = (shared_data / "imagery/sentinel2-l1c-safe-lima").iterdir()
    folder = copied(source, tmp_path)
    (band,) = folder.rglob("*_B02.jp2")
    shutil.copyfile(next(folder.rglob("*_PVI.jp2")), band)
    item = sentinel2.read(product(folder, source.name))
    fields = item.assets["blue"].extra_fields
    assert (fields["raster:scale"], fields["raster:offset"]) == (0.0001, -0.1)
    assert item.assets["inspire_metadata"].roles == ["metadata", "iso-19115"]
    assert len(item.properties["swath:missing"]) == 13


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "<safe:familyName>SENTINEL-1<",
            "<safe:familyName>SENTINEL-9<",
            "not that of a Sentinel-1",
        ),
        ("<safe:startTime>", "<safe:startTime>x", "no start or no end"),
        ("<gml:coordinates>", "<gml:coordinates>x,", "its footprint cannot be read"),
    ],
)
def test_damaged_manifests_of_sentinel_1_are_told(
    shared_data: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    name = "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE"
    folder = copied(shared_data / SAFE / "sentinel1/grd" / name, tmp_path)
    edited(folder / "manifest.safe", old, new)
    with pytest.raises(Unreadable, match=told):
        sentinel1.read(product(folder, name))


def test_damaged_information_of_the_buckets_is_told(shared_data: Path, tmp_path: Path) -> None:
    folder = copied(shared_data / "imagery/sentinel1-grd-gcps", tmp_path / "1")
    edited(folder / "productInfo.json", '"stopTime"', '"endTime"')
    with pytest.raises(Unreadable, match=r"productInfo\.json cannot be read: KeyError"):
        sentinel1.read(product(folder))
    folder = copied(shared_data / "imagery/sentinel2-l2a-aws-19UDP", tmp_path / "2")
    edited(folder / "tileInfo.json", "EPSG:8.8.1:32619", "EPSG:8.8.1:99999")
    with pytest.raises(Unreadable, match="99999 is no reference system"):
        sentinel2_aws.read(product(folder))


def test_a_manifest_of_sentinel_3_without_a_footprint_is_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    (source,) = (shared_data / SAFE / "sentinel3").iterdir()
    folder = copied(source, tmp_path)
    edited(folder / "xfdumanifest.xml", "gml:posList", "gml:posLost")
    with pytest.raises(Unreadable, match="its footprint cannot be read"):
        sentinel3.read(product(folder))


def test_two_stac_items_of_the_same_files_are_refused(shared_data: Path, tmp_path: Path) -> None:
    folder = copied(shared_data / "imagery/noaa-storm-nashville", tmp_path)
    shutil.copyfile(folder / "20200307aC0853900w361030.json", folder / "again.json")
    with pytest.raises(Unreadable, match="two STAC Items of the same files"):
        stac_files.read(product(folder))


def test_images_of_wave_mode_have_a_key_each(shared_data: Path, tmp_path: Path) -> None:
    folder = copied(shared_data / "imagery/sentinel1-grd-gcps", tmp_path)
    image = folder / "measurement/iw-vv.tiff"
    for number in (1, 3):
        name = f"s1a-wv1-slc-vv-20180716t004042-20180716t004107-022812-02792a-00{number}.tiff"
        shutil.copyfile(image, image.with_name(name))
    image.unlink()
    assets = sentinel1.read(product(folder)).assets
    assert [key for key in assets if key.startswith("wv")] == ["wv1-vv-001", "wv1-vv-003"]


def test_a_preview_of_a_band_gives_way_to_the_band(shared_data: Path, tmp_path: Path) -> None:
    folder = copied(shared_data / "imagery/sentinel2-l1c-aws-19UDP", tmp_path)
    shutil.copyfile(folder / "preview/B10.jp2", folder / "B01.jp2")
    assets = sentinel2_aws.read(product(folder)).assets
    assert assets["coastal"].href.endswith("/B01.jp2")
    assert not assets["coastal"].href.endswith("preview/B01.jp2")
    assert assets["coastal"].extra_fields["gsd"] == 60


def test_two_envisat_products_are_no_product(shared_data: Path, tmp_path: Path) -> None:
    folder = copied(shared_data / "imagery/asar-wsm-gcps", tmp_path, "*.tiff")
    (path,) = folder.iterdir()
    shutil.copyfile(path, path.with_name(path.name.replace("075939", "085939")))
    with pytest.raises(Unreadable, match="images of several products: ASA_WSM_1PNDPA20050331_0759"):
        envisat.read(product(folder))
