"""What each family of products becomes, whole: the item, by the road of a harvest."""

import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from owslib import iso
from pygeometa.schemas.iso19139 import ISO19139OutputSchema

from flows.collection import CollectionFile
from flows.product import prepare
from flows.scope import Scope
from flows.sources import folder
from golden import assert_golden, assert_golden_text
from infrastructure.metadata.schemas import write
from infrastructure.storage import open_store

FAMILIES: dict[str, dict[str, Any]] = {
    "asar": {"url": "imagery/asar-wsm-gcps"},
    "cbers4": {"url": "imagery/cbers4-pan10m-ovr"},
    "cbers4a": {"url": "imagery/cbers4a-wfi-argentina"},
    "meris": {"url": "imagery/meris-mediterranean-2006", "include": ["*20060822*"]},
    "goes": {"url": "imagery/goes16-geostationary"},
    "landsat8-before": {"url": "imagery/landsat8-tokyo-crop"},
    "landsat8-l1": {
        "url": "imagery/landsat8-c1l1-newyork-2018",
        "include": ["LC08_L1TP_013032_20180131_20180207_01_T1"],
    },
    "landsat8-l2": {"url": "imagery/landsat8-c2l2-greenland-005009", "scene": "root"},
    "modis": {"url": "imagery/modis-myd13a1-australia"},
    "naip-fgdc": {"url": "imagery/naip-with-iso", "include": ["m_3008501*"]},
    "naip-iso": {"url": "imagery/naip-with-iso", "include": ["m_4112001*"]},
    "noaa-storm": {"url": "imagery/noaa-storm-nashville", "scene": "root"},
    "oisst": {"url": "imagery/noaa-oisst-global", "scene": "root"},
    "plain-jp2": {"url": "imagery/modis-ndvi-timeseries-sinop", "include": ["*2014-08-29*"]},
    "sentinel1-aws": {"url": "imagery/sentinel1-grd-gcps", "scene": "root"},
    "sentinel1-safe": {"url": "iso/safe-manifests/sentinel1", "include": ["S1A_IW*"]},
    "sentinel2-aws": {"url": "imagery/sentinel2-l1c-aws-19UDP", "scene": "root"},
    "sentinel2-l1c": {"url": "imagery/sentinel2-l1c-safe-zip"},
    "sentinel2-l2a": {"url": "iso/safe-manifests/sentinel2", "include": ["S2B_MSIL2A*"]},
    "sentinel2-cog": {"url": "imagery/sentinel2-l2a-cog-29RKH", "scene": "root"},
    "sentinel3": {"url": "iso/safe-manifests/sentinel3"},
}
"""Name -> options of the folder source; each has one product."""


def story(**more: Any) -> CollectionFile:
    words = {"id": "golden", "title": "Golden", "description": "One product"}
    return CollectionFile.model_validate({**words, "source": {"type": "folder"}, **more})


@pytest.mark.parametrize("name", FAMILIES)
def test_a_product_becomes_the_golden_item(shared_data: Path, tmp_path: Path, name: str) -> None:
    (found,) = folder.search(Scope(base=shared_data), **FAMILIES[name])
    entry = prepare(found, story(), open_store(tmp_path.as_uri()), lambda *_: None)
    assert entry is not None
    assert_golden(name, entry.item, shared_data)
    record = write("iso19115-2", entry.item, story().stac()).decode()
    assert_golden_text(f"{name}.xml", record)
    _is_read_by_others(record, entry.item["id"])


def _is_read_by_others(record: str, name: str) -> None:
    """OWSLib and pygeometa read the same identifier, box and times."""
    told = ISO19139OutputSchema().import_(record)
    root = etree.fromstring(record.encode())
    read = iso.MD_Metadata(root)
    assert told["metadata"]["identifier"] == read.identifier == f"golden:{name}"
    (about,) = read.identification
    west, south, east, north = told["identification"]["extents"]["spatial"][0]["bbox"]
    box = about.extent.boundingBox
    assert [west, south, east, north] == [
        float(side) for side in (box.minx, box.miny, box.maxx, box.maxy)
    ]
    assert about.temporalextent_start


def test_a_product_in_a_zip_is_read_as_if_it_were_unpacked(
    shared_data: Path, tmp_path: Path
) -> None:
    """Also in a tar, whose files begin with `./`, and whatever the archive's name."""
    source = shared_data / "imagery/noaa-oisst-global"
    files = sorted(source.iterdir())
    with zipfile.ZipFile(tmp_path / "a b!.zip", "w") as packed:
        for file in files:
            packed.write(file, f"top/{file.name}")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as bundle:
        for file in files:
            bundle.add(file, f"./{file.name}")
    found = list(folder.search(Scope(base=tmp_path), url="."))
    store = open_store((tmp_path / "store").as_uri())
    entries = [
        prepare(product, story(enrich=["projection"]), store, lambda *_: None) for product in found
    ]
    shapes = [entry.item["properties"]["proj:shape"] for entry in entries if entry]
    assert shapes == [[720, 1440]] * 2
