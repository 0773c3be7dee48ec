"""The STAC API source against real servers: stock stac-fastapi-pgstac, and our own API."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from flows.found import Found
from flows.narrow import outside
from flows.scope import Scope
from flows.sources import stac_api
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings

pytestmark = pytest.mark.platform

APPS = {
    "stock": ["stac_fastapi.pgstac.app:create_app"],
    "ours": ["api.app:create_app"],
}


@pytest.fixture
def items(catalogue: Catalogue, shared_data: Path) -> list[dict[str, Any]]:
    """100 real items in the catalogue; every tenth was changed on another day, five never."""
    lines = (shared_data / "stac/bulk/naip-100-items.ndjson").read_text().splitlines()
    collections = (shared_data / "stac/bulk/pc-3-collections.ndjson").read_text().splitlines()
    (naip,) = (one for one in map(json.loads, collections) if one["id"] == "naip")
    catalogue.put_collection(naip)
    items = [json.loads(line) for line in lines]
    register(catalogue, "naip", [Entry(item, item["id"], "1") for item in items])
    with catalogue.transaction() as connection:
        for number, item in enumerate(items):
            day = None if number < 5 else f'"2024-01-{number // 10 + 1:02d}T12:00:00.5Z"'
            connection.execute(
                "UPDATE items SET content = CASE WHEN %(day)s::text IS NULL"
                " THEN content #- '{properties,updated}'"
                " ELSE jsonb_set(content, '{properties,updated}', %(day)s::jsonb) END"
                " WHERE id = %(id)s",
                {"day": day, "id": item["id"]},
            )
    return items


@pytest.fixture(params=["stock", "ours"])
def api(
    request: pytest.FixtureRequest,
    items: list[dict[str, Any]],  # noqa: ARG001 - fills the catalogue
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
    tmp_path: Path,
) -> Iterator[str]:
    """The address of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "SWATH_STORAGE_URL": tmp_path.as_uri(),
        "SWATH_API_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", *APPS[request.param]]
    log = (tmp_path / "log").open("wb")
    with (
        log,
        subprocess.Popen(
            [*command, "--port", str(port)], stdout=log, stderr=log, env=environment
        ) as server,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}", server, tmp_path / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not answer")


def ids(found: list[Found]) -> set[str]:
    return {product.upstream_id.removeprefix("naip/") for product in found}


METHODS: list[Any] = ["GET", "POST"]


def test_every_item_is_read_once_page_by_page(api: str, items: list[dict[str, Any]]) -> None:
    for method in METHODS:
        _read_all(api, items, method)


def _read_all(api: str, items: list[dict[str, Any]], method: Any) -> None:
    scope = Scope()
    found = list(stac_api.search(scope, url=api, page=30, method=method))
    assert len(found) == 100
    assert ids(found) == {item["id"] for item in items}
    assert scope.pushed == set()
    document = {item["id"]: item for item in items}[found[0].document["id"]]  # type: ignore[index]
    assert found[0].document is not None
    assert found[0].document["assets"] == document["assets"]
    assert found[0].document["geometry"] == document["geometry"]


def test_place_time_and_condition_are_left_to_the_api(
    api: str, items: list[dict[str, Any]]
) -> None:
    for method in METHODS:
        _read_part(api, items, method)


def _read_part(api: str, items: list[dict[str, Any]], method: Any) -> None:
    middle = sorted(item["properties"]["datetime"] for item in items)[50]
    scope = Scope(
        bbox=(-88.0, 30.0, -86.0, 33.0),
        time=(datetime.fromisoformat(middle), None),
        filter={"op": "=", "args": [{"property": "naip:state"}, "al"]},
    )
    found = list(stac_api.search(scope, url=api, method=method, collections=["naip"]))
    assert scope.pushed == {"bbox", "time", "filter"}
    here = Scope(bbox=scope.bbox, time=scope.time, filter=scope.filter)
    assert ids(found) == {item["id"] for item in items if not outside(item, here, None)}
    assert 0 < len(found) < 100


def test_only_what_changed_is_asked_for_and_what_never_tells(api: str) -> None:
    for method in METHODS:
        _read_changed(api, method)


def _read_changed(api: str, method: Any) -> None:
    since = datetime(2024, 1, 3, 12, 0, 0, 500000, tzinfo=UTC)
    until = datetime(2024, 1, 5, tzinfo=UTC)
    scope = Scope(since=since, until=until)
    found = list(stac_api.search(scope, url=api, method=method))
    days = sorted({product.changed.day if product.changed else 0 for product in found})
    assert scope.pushed == {"since", "until"}
    assert days == [0, 3, 4]
    assert len(found) == 25


def test_a_box_across_the_antimeridian_is_asked_for_in_two_parts(api: str) -> None:
    beyond = list(stac_api.search(Scope(bbox=(170.0, -90.0, -86.0, 90.0)), url=api))
    without = list(stac_api.search(Scope(bbox=(170.0, -90.0, -170.0, 90.0)), url=api))
    assert len(beyond) > 0
    assert without == []
