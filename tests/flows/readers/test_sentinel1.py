"""Sentinel-1 products whose folder does not have the product's name."""

from pathlib import Path

from flows import extensions
from flows.found import Found
from flows.readers import sentinel1

SAFE = "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE"


def found(shared_data: Path, name: str) -> Found:
    manifest = shared_data / "iso/safe-manifests/sentinel1/grd" / SAFE / "manifest.safe"
    image = shared_data / "imagery/sentinel1-grd-gcps/measurement/iw-vv.tiff"
    files = {"manifest.safe": manifest.as_uri(), "measurement/iw-vv.tiff": image.as_uri()}
    return Found(name, "1", files)


def test_a_renamed_folder_tells_nothing_that_only_the_name_of_a_product_tells(
    shared_data: Path,
) -> None:
    named = sentinel1.read(found(shared_data, SAFE)).properties
    item = sentinel1.read(found(shared_data, "harbour-GRDH-2021"))
    assert item.properties["processing:level"] == "L1"
    assert item.properties["s1:processing_level"] == "1"
    untold = set(named) - set(item.properties)
    assert untold == {
        "s1:product_identifier",
        "s1:resolution",
        "sar:resolution_range",
        "sar:resolution_azimuth",
        "sar:pixel_spacing_range",
        "sar:pixel_spacing_azimuth",
        "sar:looks_range",
        "sar:looks_azimuth",
        "sar:looks_equivalent_number",
    }
    assert all(named[key] == value for key, value in item.properties.items())
    extensions.check(
        extensions.declare(item.to_dict(include_self_link=False, transform_hrefs=False))
    )
