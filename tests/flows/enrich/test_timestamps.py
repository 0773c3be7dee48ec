"""Times of publication and expiry, and when files were made."""

from pathlib import Path
from typing import Any

import pytest

from enriching import checked, item_of, shelf_in
from flows.enrich import timestamps
from infrastructure.errors import Invalid, Unreadable
from infrastructure.storage import Shelf

SCHEMA = "https://stac-extensions.github.io/timestamps/v1.1.0/schema.json"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def test_times_are_written_in_utc(shelf: Shelf) -> None:
    item = item_of({}, published="2022-01-25T21:00:00+02:00", unpublished="2022-02-01T00:00:00.5Z")
    document = checked(timestamps.enrich(item, shelf))
    assert document["stac_extensions"] == [SCHEMA]
    assert document["properties"] == {
        "datetime": "2020-01-01T00:00:00Z",
        "published": "2022-01-25T19:00:00Z",
        "unpublished": "2022-02-01T00:00:00.500000Z",
    }
    assert checked(timestamps.enrich(item, shelf)) == document


def test_a_property_can_stand_for_the_publication_and_a_lifetime_ends_it(shelf: Shelf) -> None:
    item = item_of({}, **{"s2:generation_time": "2020-02-19T12:39:47.000000Z"})
    told = {"published": "s2:generation_time", "lifetime": 30.5}
    facts = checked(timestamps.enrich(item, shelf, **told))["properties"]
    assert facts["published"] == "2020-02-19T12:39:47Z"
    assert facts["expires"] == "2020-03-21T00:39:47Z"


def test_what_is_told_is_not_replaced(shelf: Shelf) -> None:
    told = {"published": "2020-01-02T00:00:00Z", "expires": "2020-01-03T00:00:00Z"}
    item = item_of({}, **told, **{"s2:generation_time": "2020-02-19T12:39:47Z"})
    timestamps.enrich(item, shelf, published="s2:generation_time", lifetime=10)
    assert told.items() <= item.properties.items()


def test_files_of_the_product_were_made_when_it_was_processed(shelf: Shelf) -> None:
    item = item_of(
        {
            "own": ("https://example.org/b02.jp2", "data"),
            "told": ("https://example.org/b03.jp2", "data"),
            "ours": (shelf.href("b04.tif"), "data"),
            "notes": ("https://example.org/notes.txt", "metadata"),
        },
        **{"processing:datetime": "2022-01-25T19:00:36Z"},
    )
    item.assets["told"].extra_fields["created"] = "2022-01-26T00:00:00Z"
    assets = checked(timestamps.enrich(item, shelf))["assets"]
    assert {key: asset.get("created") for key, asset in assets.items()} == {
        "own": "2022-01-25T19:00:36Z",
        "told": "2022-01-26T00:00:00Z",
        "ours": None,
        "notes": None,
    }


def test_an_item_without_times_stays_as_it_is(shelf: Shelf) -> None:
    item = timestamps.enrich(item_of({}), shelf, published="s2:generation_time")
    assert checked(item)["properties"] == {"datetime": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"published": "yesterday"}, "i: published is 'yesterday', which is no time"),
        ({"published": 20200101}, "i: published is '20200101', which is no time"),
        ({"expires": "2020-01-01T00:00:00"}, "i: expires is .*, which has no time zone"),
    ],
)
def test_what_is_no_time_is_refused(properties: dict[str, Any], said: str, shelf: Shelf) -> None:
    with pytest.raises(Invalid, match=said):
        timestamps.enrich(item_of({}, **properties), shelf)


def test_nobody_knows_when_it_expires_what_was_never_published(shelf: Shelf) -> None:
    with pytest.raises(Unreadable, match="i: nothing says when it was published"):
        timestamps.enrich(item_of({}), shelf, lifetime=3)
