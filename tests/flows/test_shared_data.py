"""Every real and every malformed file, on the road of a harvest into a real catalogue, and back."""

import gzip
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import orjson
import pytest
import uvicorn

from api.app import create_app
from flows.collection import CollectionFile
from flows.found import Found
from flows.product import prepare
from infrastructure import journal
from infrastructure.catalogue import Catalogue
from infrastructure.duplicates import Rule
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings
from infrastructure.storage import Store, open_store

pytestmark = [
    pytest.mark.platform,
    # a recorded collection is one; pystac warns of it
    pytest.mark.filterwarnings("ignore:The collection 'example' is deprecated"),
]

ROOT = Path(__file__).parent.parent.parent

STANDARD = {
    "type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox",
    "properties", "links", "assets",
}  # fmt: skip

Json = dict[str, Any]


def _module(path: Path) -> ModuleType:
    spec = spec_from_file_location(f"swath_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


inventory = _module(ROOT / "scripts" / "inventory.py")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = open_store((tmp_path / "store").as_uri())
    monkeypatch.setenv("SWATH_STORAGE_URL", store.root)
    return store


def test_every_file_is_registered_whole_or_quarantined_as_the_reference_says(
    shared_data: Path,
    catalogue: Catalogue,
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
    store: Store,
) -> None:
    outcomes = list(inventory.inventory(shared_data, catalogue, store))
    lines = inventory.PAGE.read_text("utf-8").splitlines()
    new = inventory.page(outcomes).splitlines()
    assert set(new) ^ set(lines) == set(), "the page is not up to date: run scripts/inventory.py"
    assert new == lines
    items = [entry.item for outcome in outcomes for entry in outcome.entries]
    assert len(items) > 3000
    _come_back(catalogue, items)
    with serving() as client:
        _are_served(client, [*_odd(outcomes)])


def _come_back(catalogue: Catalogue, items: list[Json]) -> None:
    """The catalogue has what was registered, to the last digit."""
    kept = _kept(catalogue)
    assert kept.keys() == {(item["collection"], item["id"]) for item in items}
    lost = [
        (item["id"], *change)
        for item in items
        for change in _changes(_plain(item), _plain(kept[item["collection"], item["id"]]))
    ]
    assert lost == []


def _changes(went: Any, came: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two documents differ."""
    if isinstance(went, dict) and isinstance(came, dict):
        for key in went.keys() | came.keys():
            yield from _changes(went.get(key, ...), came.get(key, ...), f"{path}/{key}")
    elif isinstance(went, list) and isinstance(came, list) and len(went) == len(came):
        for number, (one, other) in enumerate(zip(went, came, strict=True)):
            yield from _changes(one, other, f"{path}/{number}")
    elif went != came:
        yield path, went, came


def _kept(catalogue: Catalogue) -> dict[tuple[str, str], Json]:
    with catalogue.transaction() as connection:
        rows = connection.execute("SELECT collection, array_agg(id) FROM items GROUP BY 1")
        return {
            (collection, item["id"]): item
            for collection, ids in rows.fetchall()
            for item in journal.items(connection, collection, ids)
        }


def _plain(item: Json) -> Json:
    """As JSON, without the time of its registration."""
    plain: Json = orjson.loads(orjson.dumps(item))
    plain["properties"].pop("updated", None)
    return plain


def _odd(outcomes: list[Any]) -> Iterator[Json]:
    """Of each folder one item of each kind."""
    kinds = set()
    for outcome in outcomes:
        for entry in outcome.entries:
            kind = (outcome.folder, *_traits(_plain(entry.item)))
            if kind not in kinds:
                kinds.add(kind)
                yield _plain(entry.item)


def _traits(item: Json) -> tuple[Any, ...]:
    bbox, properties = item["bbox"], item["properties"]
    return (
        properties["datetime"] is None,
        None in properties.values(),
        len(bbox),
        bbox[0] > bbox[len(bbox) // 2],
        item["geometry"]["type"],
        "~" in item["id"],
        tuple(sorted(item.keys() - STANDARD)),
    )


@contextmanager
def serving() -> Iterator[httpx.Client]:
    """Our API, over HTTP."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(create_app, factory=True, log_level="error", ws="none")
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            deadline = time.monotonic() + 60
            while not server.started and time.monotonic() < deadline:
                time.sleep(0.05)
            with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def _are_served(client: httpx.Client, items: list[Json]) -> None:
    """The API gives each item as it was harvested; its links may be more, and are absolute."""
    assert len(items) >= 50
    for item in items:
        answer = client.get(f"/collections/{item['collection']}/items/{item['id']}")
        assert answer.status_code == 200, answer.text
        served = _plain(answer.json())
        links, own = served.pop("links"), item.pop("links")
        assert [*_changes(item, served)] == []
        assert [link for link in own if _whole(client, link) not in links] == [], item["id"]


def _whole(client: httpx.Client, link: Json) -> Json:
    href = link["href"]
    is_ours = href.startswith(f"collections/{inventory.Shop.PREFIX}")
    return {**link, "href": f"{str(client.base_url).rstrip('/')}/{href}" if is_ours else href}


@pytest.mark.parametrize(("rule", "states"), [("newest", (1, 1)), ("both", (2, 0))])
def test_two_records_with_one_identifier_follow_the_collections_rule(
    shared_data: Path, catalogue: Catalogue, store: Store, rule: Rule, states: tuple[int, int]
) -> None:
    story = CollectionFile.model_validate(
        {"id": "c", "title": "C", "description": "C", "source": {"type": "waf", "url": "x"}}
    )
    catalogue.put_collection(story.stac())
    entries = []
    for path in sorted((shared_data / "iso/noaa-avhrr").glob("*.xml")):
        found = Found(path.name, "1", record=path.read_bytes())
        entries.append(prepare(found, story, store, lambda *_: None))
    assert len({entry.id for entry in entries if entry}) == 1
    done = register(catalogue, "c", [entry for entry in entries if entry], rule=rule)
    assert (len(done.registered), len(done.superseded)) == states
    assert catalogue.count("c") == states[0]


def test_an_item_that_gives_way_to_a_newer_one_keeps_its_nulls(
    shared_data: Path, catalogue: Catalogue, store: Store
) -> None:
    duplicates = {"properties": ["oam:platform_type"], "order": ["title"]}
    story = CollectionFile.model_validate(
        {"id": "c", "title": "C", "description": "C", "source": {"type": "folder"},
         "duplicates": duplicates}
    )  # fmt: skip
    catalogue.put_collection(story.stac())
    path = shared_data / "stac/bulk/openaerialmap-2951-items.ndjson.gz"
    with gzip.open(path) as lines:
        document = {**orjson.loads(next(iter(lines))), "collection": "c"}
    for number in (1, 2):
        document["id"] = f"i{number}"
        document["properties"] |= {
            "datetime": None, "nothing": None, "oam:platform_type": "kite", "title": f"{number}"
        }  # fmt: skip
        found = Found(document["id"], "1", document=document)
        entry = prepare(found, story, store, lambda *_: None)
        assert entry is not None
        done = register(catalogue, "c", [entry])
        assert done.refused == {}
    older, newer = (_kept(catalogue)["c", name]["properties"] for name in ("i1", "i2"))
    assert older["deprecated"] is True
    for properties in (older, newer):
        assert (properties["datetime"], properties["nothing"]) == (None, None)
