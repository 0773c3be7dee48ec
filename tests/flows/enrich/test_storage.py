"""Which store files lie in, by their addresses."""

from pathlib import Path
from typing import Any

import pytest

from enriching import checked, item_of, shelf_in
from flows.enrich import storage
from infrastructure.storage import Shelf

AWS = "https://{bucket}.s3.{region}.amazonaws.com"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def test_each_file_refers_to_its_store(shelf: Shelf) -> None:
    item = item_of(
        {
            "s3": ("s3://usgs-landsat/collection02/B4.TIF", "data"),
            "zip": ("zip+s3://usgs-landsat/a.zip!/a/b.jp2", "data"),
            "https": ("https://sentinel-cogs.s3.us-west-2.amazonaws.com/a.tif", "data"),
            "path": ("https://s3.eu-central-1.amazonaws.com/sentinel-s2-l1c/a.jp2", "data"),
            "azure": ("https://naipeuwest.blob.core.windows.net/naip/a.tif", "data"),
            "lake": ("abfss://naip@naipeuwest.dfs.core.windows.net/a.tif", "data"),
            "google": ("gs://gcp-public-data-sentinel-2/a.jp2", "data"),
            "google_https": ("https://storage.googleapis.com/gcp-public-data-sentinel-2/a", "data"),
            "file": ("file:///data/a.tif", "data"),
            "web": ("https://example.org/s3.amazonaws.com/a.tif", "data"),
        }
    )
    item.assets["https"].extra_fields["alternate"] = {"s3": {"href": "s3://sentinel-cogs/a.tif"}}
    options: dict[str, Any] = {
        "regions": {"usgs-landsat": "us-west-2", "sentinel-cogs": "us-west-2"},
        "requester_pays": ["usgs-landsat"],
    }
    document = checked(storage.enrich(item, shelf, **options))
    refs = {key: asset.get("storage:refs") for key, asset in document["assets"].items()}
    assert refs == {
        "s3": ["aws-s3-usgs-landsat"],
        "zip": ["aws-s3-usgs-landsat"],
        "https": ["aws-s3-sentinel-cogs"],
        "path": ["aws-s3-sentinel-s2-l1c"],
        "azure": ["ms-azure-naipeuwest"],
        "lake": ["ms-azure-naipeuwest"],
        "google": ["google-cloud-storage-gcp-public-data-sentinel-2"],
        "google_https": ["google-cloud-storage-gcp-public-data-sentinel-2"],
        "file": ["file"],
        "web": None,
    }
    other = document["assets"]["https"]["alternate"]["s3"]
    assert other == {"href": "s3://sentinel-cogs/a.tif", "storage:refs": ["aws-s3-sentinel-cogs"]}
    assert document["properties"]["storage:schemes"] == {
        "aws-s3-usgs-landsat": {
            "type": "aws-s3",
            "platform": AWS,
            "bucket": "usgs-landsat",
            "region": "us-west-2",
            "requester_pays": True,
        },
        "aws-s3-sentinel-cogs": {
            "type": "aws-s3",
            "platform": AWS,
            "bucket": "sentinel-cogs",
            "region": "us-west-2",
        },
        "aws-s3-sentinel-s2-l1c": {
            "type": "aws-s3",
            "platform": AWS,
            "bucket": "sentinel-s2-l1c",
            "region": "eu-central-1",
        },
        "ms-azure-naipeuwest": {
            "type": "ms-azure",
            "platform": "https://{account}.blob.core.windows.net",
            "account": "naipeuwest",
        },
        "google-cloud-storage-gcp-public-data-sentinel-2": {
            "type": "google-cloud-storage",
            "platform": "https://storage.googleapis.com/{bucket}",
            "bucket": "gcp-public-data-sentinel-2",
        },
        "file": {"type": "file", "platform": "file://localhost"},
    }
    assert checked(storage.enrich(item, shelf, **options)) == document


@pytest.mark.parametrize("told", ["environment", "option"])
def test_buckets_are_on_the_server_that_the_operator_names(
    told: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    if told == "environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.org")
    item = item_of({"red": ("s3://swath/red.tif", "data")})
    storage.enrich(item, shelf, endpoint="https://s3.example.org/" if told == "option" else None)
    assert checked(item)["properties"]["storage:schemes"] == {
        "custom-s3-swath": {
            "type": "custom-s3",
            "platform": "https://s3.example.org",
            "bucket": "swath",
        }
    }


def test_an_item_of_an_older_release_stays_as_it_is(shelf: Shelf) -> None:
    item = item_of({"red": ("s3://swath/red.tif", "data")}, **{"storage:platform": "AWS"})
    item.stac_extensions.append("https://stac-extensions.github.io/storage/v1.0.0/schema.json")
    before = item.to_dict()
    assert storage.enrich(item, shelf).to_dict() == before


def test_a_web_server_has_no_store(shelf: Shelf) -> None:
    item = item_of({"red": ("https://example.org/red.tif", "data")})
    assert checked(storage.enrich(item, shelf))["properties"].keys() == {"datetime"}
