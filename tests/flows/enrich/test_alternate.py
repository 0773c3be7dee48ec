"""Other addresses of the same files."""

from pathlib import Path

import pytest

from enriching import checked, item_of, shelf_in
from flows.enrich import alternate
from infrastructure.storage import Shelf

PREFIXES = {"s3://cogs/": "https://cogs.s3.us-west-2.amazonaws.com/"}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def test_s3_and_https_lead_to_each_other(shelf: Shelf) -> None:
    item = item_of(
        {
            "one": ("s3://cogs/29/é x.tif", "data"),
            "other": ("https://cogs.s3.us-west-2.amazonaws.com/29/%C3%A9%20x.tif", "data"),
            "elsewhere": ("https://example.org/a.tif", "data"),
        }
    )
    item.assets["other"].extra_fields["alternate"] = {"ftp": {"href": "ftp://example.org/x.tif"}}
    document = checked(alternate.enrich(item, shelf, PREFIXES))
    https = "https://cogs.s3.us-west-2.amazonaws.com/29/%C3%A9%20x.tif"
    assert document["assets"] == {
        "one": {
            "href": "s3://cogs/29/é x.tif",
            "roles": ["data"],
            "alternate:name": "s3",
            "alternate": {"https": {"href": https, "alternate:name": "https"}},
        },
        "other": {
            "href": https,
            "roles": ["data"],
            "alternate:name": "https",
            "alternate": {
                "ftp": {"href": "ftp://example.org/x.tif"},
                "s3": {"href": "s3://cogs/29/é x.tif", "alternate:name": "s3"},
            },
        },
        "elsewhere": {"href": "https://example.org/a.tif", "roles": ["data"]},
    }
    assert checked(alternate.enrich(item, shelf, PREFIXES)) == document


def test_what_was_told_of_a_file_that_was_replaced_is_dropped(shelf: Shelf) -> None:
    item = item_of({"red": (shelf.href("red.tif"), "data")})
    item.assets["red"].extra_fields["alternate"] = {"s3": {"href": "s3://cogs/red.jp2"}}
    assert "alternate" not in alternate.enrich(item, shelf, PREFIXES).assets["red"].extra_fields
    prefixes = {f"{shelf.store.root}/": "https://files.example.org/"}
    alternate.enrich(item, shelf, {"s3://x/": "https://x/"} | prefixes)
    assert item.assets["red"].extra_fields["alternate"] == {
        "https": {"href": "https://files.example.org/c/i/red.tif", "alternate:name": "https"}
    }
