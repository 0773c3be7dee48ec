"""EOEPCA's configuration, in the forms that its releases have, as collection files that load."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows import cli
from flows.collection import CollectionFile, load
from flows.importing import convert
from flows.product import check
from infrastructure.errors import Misconfigured
from tiling.style import Style

SECRETS = ("AKIA-NEVER", "s3cr3t", "p4ssw0rd")

LATEST = """
vs:
  harvester:
    config:
      redis: {host: data-access-redis-master, port: 6379}
      harvesters:
        Sentinel2:
          resource:
            type: OpenSearch
            opensearch:
              url: https://datahub.creodias.eu/resto/api/collections/Sentinel2/describe.xml
              format:
                type: application/json
                json:
                  property_mapping:
                    start_datetime: startDate
                    end_datetime: completionDate
                    productIdentifier: productIdentifier
              query:
                time: {begin: 2019-09-10T00:00:00Z, end: 2019-09-11T00:00:00Z}
                collection: null
                bbox: 14.9,47.7,16.4,48.7
                extra_params: {productType: S2MSI2A}
          filter: {}
          postprocessors:
            - type: external
              process: harvester_eoepca.postprocess.postprocess_sentinel2
              kwargs: {}
          queue: register
        Sentinel1-SLC:
          resource:
            type: OpenSearch
            opensearch:
              url: https://harvester:p4ssw0rd@datahub.creodias.eu/resto/describe.xml?token=s3cr3t
              query: {extra_params: {productType: SLC, api_key: s3cr3t}}
          filter: {op: "<", args: [{property: "eo:cloud_cover"}, 20]}
          queue: register
        harvest-bucket-catalog:
          resource:
            type: STACCatalog
            staccatalog: {filesystem: s3bucket, root_path: /home/catalog.json, collection_id: x}
          queue: register_queue
        Elsewhere:
          resource:
            type: STACAPI
            stacapi:
              url: https://example.com/stac
              query: {collection: landsat, bbox: [1, 2, 3, 4], time: {begin: 2020-01-01}}
      filesystems:
        s3bucket:
          type: s3
          s3:
            access_key_id: AKIA-NEVER
            secret_access_key: s3cr3t
            endpoint_url: https://minio.example.com
            bucket: workspace
            region: RegionOne
            public: False
"""

EARLIER = """
- name: Custom-Config
  resource:
    url: https://datahub.creodias.eu/resto/api/collections/Sentinel2/describe.xml
    type: OpenSearch
    query:
      bbox: 14.9,47.7,16.4,48.7
      collection: null
      time: {begin: "2019-09-10T00:00:00Z", end: "2019-09-11T00:00:00Z", property: sensed}
    format_config:
      type: application/json
      property_mapping:
        end_datetime: completionDate
        productIdentifier: productIdentifier
        start_datetime: startDate
  postprocess:
    - type: harvester_eoepca.postprocess.CREODIASOpenSearchSentinel2Postprocessor
  queue: register
  filter: {}
"""

SPECIFICATION = """
global:
  storage:
    data: {data: {type: S3, access_key_id: AKIA-NEVER, secret_access_key: s3cr3t}}
  layers:
    - {id: S2L2A, title: Sentinel-2 Level 2A, abstract: Surface reflectance, grids: []}
    - {id: S2L2A__NDVI, title: Vegetation, parentLayer: S2L2A}
    - {id: S2L2A__outlines, title: Outlines, parentLayer: S2L2A}
    - {id: S2L2A__masked_clouds, title: Without clouds, parentLayer: S2L2A}
  collections:
    S2L2A: {product_types: [S2MSI2A], product_levels: [Level-2A], coverage_types: [S2L2A_B04]}
    L8L1TP: {product_types: [L8MSI1TP], coverage_types: [L8L1TP_B04]}
  coverageTypes:
    - name: S2L2A_B04
      data_type: Uint16
      bands:
        - {identifier: B04, name: red, description: Red, nil_values: [{reason: none, value: 0}],
           uom: W/m2/um, wavelength: 0.665}
    - {name: L8L1TP_B04, data_type: Uint16, bands: [{identifier: SR_B4, name: red}]}
  productTypes:
    - name: S2MSI2A
      filter: {s2:product_type: S2MSI2A}
      collections: [S2L2A]
      metadata_assets: []
      coverages: {S2L2A_B04: {assets: [B04]}, S2L2A_B08: {assets: [B08]}}
      defaultBrowse: TRUE_COLOR
      browses:
        NDVI: {grey: {expression: (B08-B04)/(B08+B04), range: [-1, 1]}}
        TRUE_COLOR:
          asset: visual-10m
          red: {expression: B04, range: [0, 4000], nodata: 0}
          green: {expression: B03, range: [0, 4000], nodata: 0}
          blue: {expression: B02, range: [0, 4000], nodata: 0}
        SHADED: {grey: {expression: "hillshade(B04)", range: [0, 255]}}
      masks: {clouds: {validity: false}}
    - name: L8MSI1TP
      collections: [L8L1TP]
      coverages: {L8L1TP_B04: {assets: [sr-red]}}
      browses:
        RED: {grey: {expression: SR_B4, range: [0, 30000]}}
    - name: S1IWGRD1C_VVVH
      filter: {sar:polarizations: [VV, VH]}
      collections: [S1IWGRD1C]
      browses:
        COMPOSITE:
          red: {expression: VV, range: [0, 1000]}
          green: {expression: VH, range: [0, 1000]}
          blue: {expression: VV/VH, range: [0, 10]}
vs:
  seeder: {config: {minzoom: 0, maxzoom: 6}}
"""


def converted(folder: Path, content: str) -> dict[str, CollectionFile]:
    """What is made of a configuration, by collection; every plug-in takes its options."""
    path = folder / "hr-data-access.yaml"
    path.write_text(content, "utf-8")
    files = [load(target) for target in convert(path, folder / "collections")]
    for file in files:
        check(file)
        assert not any(secret in file.path.read_text("utf-8") for secret in SECRETS)
        for render in file.renders.values():
            Style.parse(render)
    return {file.id: file for file in files}


def source(file: CollectionFile) -> dict[str, Any]:
    assert file.source is not None
    return file.source.model_dump(exclude_defaults=True, exclude_none=True)


WINDOW = {
    "type": "opensearch_eo",
    "url": "https://datahub.creodias.eu/resto/api/collections/Sentinel2/describe.xml",
    "format": "application/json",
    "bbox": (14.9, 47.7, 16.4, 48.7),
    "datetime": "2019-09-10T00:00:00Z/2019-09-11T00:00:00Z",
    "mapping": {
        "start_datetime": "startDate",
        "end_datetime": "completionDate",
        "productIdentifier": "productIdentifier",
    },
}


def test_harvesters_of_release_1_4(tmp_path: Path) -> None:
    files = converted(tmp_path, LATEST)
    assert files.keys() == {"Sentinel2", "Sentinel1-SLC", "harvest-bucket-catalog", "Elsewhere"}
    assert source(files["Sentinel2"]) == {**WINDOW, "parameters": {"productType": "S2MSI2A"}}
    assert source(files["Sentinel1-SLC"]) == {
        "type": "opensearch_eo",
        "url": "https://datahub.creodias.eu/resto/describe.xml",
        "credentials": {"basic": {"env": "SENTINEL1_SLC_CREDENTIALS"}},
        "parameters": {"productType": "SLC"},
        "filter": {"op": "<", "args": [{"property": "eo:cloud_cover"}, 20]},
    }
    assert source(files["harvest-bucket-catalog"]) == {
        "type": "stac_static",
        "url": "s3://workspace/home/catalog.json",
    }
    assert source(files["Elsewhere"]) == {
        "type": "stac_api",
        "url": "https://example.com/stac",
        "collections": ["landsat"],
        "bbox": (1.0, 2.0, 3.0, 4.0),
        "datetime": "2020-01-01/..",
    }


def test_what_has_no_counterpart_is_told(tmp_path: Path) -> None:
    files = converted(tmp_path, LATEST)
    told = files["Sentinel2"].path.read_text("utf-8")
    assert told.startswith("# Made of hr-data-access.yaml, a configuration of EOEPCA.\n")
    assert "# Postprocessor harvester_eoepca.postprocess.postprocess_sentinel2" in told
    assert "# Queue 'register' is not needed" in told
    assert "# The window of `datetime` is fixed." in told
    told = files["harvest-bucket-catalog"].path.read_text("utf-8")
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in told
    assert "#   AWS_ENDPOINT_URL=https://minio.example.com\n#   AWS_REGION=RegionOne" in told
    told = files["Sentinel1-SLC"].path.read_text("utf-8")
    assert "# The parameter 'token' is not copied" in told
    assert "# The parameter 'api_key' is not copied" in told
    assert "# The secret of the address is not copied: set SENTINEL1_SLC_CREDENTIALS" in told


@pytest.mark.parametrize(
    "content",
    [
        EARLIER,
        yaml.safe_dump({"vs": {"harvester": {"config": {"harvesters": yaml.safe_load(EARLIER)}}}}),
        yaml.safe_dump({"vs.harvester.config": {"harvesters": yaml.safe_load(EARLIER)}}),
    ],
)
def test_harvesters_of_earlier_releases(tmp_path: Path, content: str) -> None:
    (file,) = converted(tmp_path, content).values()
    assert file.id == "Custom-Config"
    assert source(file) == WINDOW


def test_layers_of_a_data_specification(tmp_path: Path) -> None:
    files = converted(tmp_path, SPECIFICATION)
    assert files.keys() == {"S2L2A", "L8L1TP", "S1IWGRD1C"}
    sentinel = files["S2L2A"]
    assert (sentinel.title, sentinel.description) == ("Sentinel-2 Level 2A", "Surface reflectance")
    assert list(sentinel.renders) == ["TRUE_COLOR", "TRUE_COLOR_asset", "NDVI"]
    assert sentinel.renders["TRUE_COLOR"] == {
        "title": "True color",
        "assets": ["B04", "B03", "B02"],
        "rescale": [[0, 4000], [0, 4000], [0, 4000]],
        "nodata": 0,
        "resampling": "bilinear",
    }
    assert sentinel.renders["TRUE_COLOR_asset"]["assets"] == ["visual-10m"]
    assert sentinel.renders["NDVI"] == {
        "title": "Vegetation",
        "assets": ["B08", "B04"],
        "expression": "(B08-B04)/(B08+B04)",
        "rescale": [[-1, 1]],
        "resampling": "bilinear",
    }
    assert sentinel.assets["B04"] == {
        "title": "S2L2A_B04",
        "roles": ["data"],
        "data_type": "uint16",
        "nodata": 0,
        "unit": "W/m2/um",
        "bands": [{"name": "B04", "description": "Red", "eo:center_wavelength": 0.665}],
    }
    assert sentinel.assets["clouds"]["swath:mask"] == {"validity": False}
    assert sentinel.seed is not None
    assert (sentinel.seed.minzoom, sentinel.seed.maxzoom) == (0, 6)
    told = sentinel.path.read_text("utf-8")
    assert "# Browse SHADED of S2MSI2A: it cannot be drawn" in told
    assert "# Layers without a counterpart: masked_clouds, outlines." in told
    assert source(sentinel) == {"type": "folder", "url": "incoming/S2L2A"}


def test_bands_are_found_by_their_coverages(tmp_path: Path) -> None:
    files = converted(tmp_path, SPECIFICATION)
    assert files["L8L1TP"].renders["RED"]["assets"] == ["sr-red"]
    composite = files["S1IWGRD1C"].renders["COMPOSITE"]
    assert (composite["assets"], composite["expression"]) == (["VV", "VH"], "VV;VH;VV/VH")


def test_harvesters_and_collections_of_one_mission_go_together(tmp_path: Path) -> None:
    files = converted(tmp_path, f"{LATEST}---{SPECIFICATION}")
    assert files.keys() == {
        "S2L2A",
        "L8L1TP",
        "S1IWGRD1C",
        "Sentinel1-SLC",
        "harvest-bucket-catalog",
        "Elsewhere",
    }
    assert source(files["S2L2A"])["url"] == WINDOW["url"]
    told = files["S2L2A"].path.read_text("utf-8")
    assert "# Harvester 'Sentinel2' was taken by its name" in told
    assert source(files["S2L2A"])["mapping"]["s2:product_type"] == "productType"
    assert source(files["S2L2A"])["filter"] == {
        "op": "in",
        "args": [{"property": "s2:product_type"}, ["S2MSI2A"]],
    }
    assert source(files["S1IWGRD1C"])["type"] == "folder"  # SLC is no GRD


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    converted(tmp_path, EARLIER)
    target = tmp_path / "collections" / "Custom-Config.yaml"
    target.write_text("mine")
    with pytest.raises(Misconfigured, match=r"Custom-Config\.yaml: there already"):
        convert(tmp_path / "hr-data-access.yaml", tmp_path / "collections")
    assert target.read_text() == "mine"


@pytest.mark.parametrize(
    ("content", "reason"),
    [("a: [", "no YAML"), ("a: 1", "neither `harvesters` nor `productTypes`"), (None, "No such")],
)
def test_a_file_that_is_no_configuration_is_one_sentence(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "values.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Misconfigured, match=reason) as caught:
        convert(path, tmp_path / "collections")
    assert "values.yaml" in str(caught.value)
    assert not (tmp_path / "collections").exists()


def test_the_command_names_the_files(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(EARLIER)
    arguments = ["import", str(path), "--output", str(tmp_path / "made")]
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert done.stdout == f"{tmp_path}/made/Custom-Config.yaml\n"
    assert load(tmp_path / "made" / "Custom-Config.yaml").id == "Custom-Config"
