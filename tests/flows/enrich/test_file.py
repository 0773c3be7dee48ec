"""Size, checksum and byte order of files."""

import hashlib
from pathlib import Path

import pytest

from enriching import checked, item_of, shelf_in
from flows.enrich import file
from infrastructure.storage import Shelf, open_store

TIFF = "image/tiff; application=geotiff"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def facts(content: bytes) -> dict[str, int | str]:
    return {
        "file:size": len(content),
        "file:checksum": "1220" + hashlib.sha256(content).hexdigest(),
    }


def test_files_in_the_store_are_told_of_and_what_is_told_of_others_stays(shelf: Shelf) -> None:
    elsewhere = {"file:size": 12, "file:checksum": "d50110" + "0" * 32}
    item = item_of(
        {"red": (shelf.put("red.tif", b"II*\0pixels"), "data"), "far": ("https://x.org/a", "data")}
    )
    item.assets["red"].media_type = TIFF
    item.assets["red"].extra_fields |= {"file:size": 99, "file:header_size": 8}
    item.assets["far"].extra_fields |= elsewhere
    document = checked(file.enrich(item, shelf))
    assert document["assets"]["red"] == {
        "href": shelf.href("red.tif"),
        "type": TIFF,
        "roles": ["data"],
        "file:header_size": 8,
        "file:byte_order": "little-endian",
        **facts(b"II*\0pixels"),
    }
    assert document["assets"]["far"] == {"href": "https://x.org/a", "roles": ["data"], **elsewhere}
    assert checked(file.enrich(item, shelf)) == document


def test_files_outside_are_read_if_that_is_asked_for(shared_data: Path, shelf: Shelf) -> None:
    path = shared_data / "imagery/sentinel2-l2a-cog-29RKH/SCL.tif"
    item = item_of({"scl": (path.as_uri(), "data")})
    assert "file:size" not in file.enrich(item, shelf).assets["scl"].extra_fields
    assert file.enrich(item, shelf, outside=True).assets["scl"].extra_fields == facts(
        path.read_bytes()
    )
    assert checked(item)["stac_extensions"] == [
        "https://stac-extensions.github.io/file/v2.1.0/schema.json"
    ]


def test_an_empty_file_has_a_size_too(shelf: Shelf) -> None:
    item = item_of({"nothing": (shelf.put("nothing", b""), "metadata")})
    assert file.enrich(item, shelf).assets["nothing"].extra_fields == facts(b"")


def test_files_in_a_bucket_are_read_in_pieces(bucket: str, tmp_path: Path) -> None:
    shelf = Shelf(open_store(bucket), "c/i", tmp_path)
    content = bytes(range(256)) * 20_000
    item = item_of({"red": (shelf.put("red.bin", content), "data")})
    assert file.enrich(item, shelf).assets["red"].extra_fields == facts(content)
