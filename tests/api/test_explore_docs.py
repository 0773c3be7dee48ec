"""The requests of the page on exploring the catalogue work as they stand there."""

import csv
import io
import re
import shlex
from pathlib import Path

import httpx
import pytest

import scattered
from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.register import register

pytestmark = pytest.mark.platform

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "explore-the-catalogue.md"
HOME = "landsat8-itaipu"
REQUESTS = re.findall(r"^curl .*$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(autouse=True)
def filled(catalogue: Catalogue) -> None:
    """One item that every request of the page finds."""
    catalogue.put_collection(collection(HOME))
    scene = scattered.item(1, HOME)
    scene["bbox"], ring = [-55, -26, -54, -25], [[-55, -26], [-54, -26], [-54, -25], [-55, -26]]
    scene["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    scene["properties"] |= {
        "datetime": "2020-05-18T13:00:00Z",
        "platform": "landsat-8",
        "instruments": ["oli", "tirs"],
        "eo:cloud_cover": 3,
    }
    assert register(catalogue, HOME, [Entry(scene, "scene", "1")]).registered


def request(command: str) -> httpx.Request:
    """The request that curl would send."""
    words = iter(shlex.split(command)[1:])
    url, headers, body, query = "", {}, None, []
    for word in words:
        match word:
            case "-s" | "-G":
                pass
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                body = next(words)
            case "--data-urlencode":
                query.append(tuple(next(words).split("=", 1)))
            case _:
                url = word.replace("http://127.0.0.1:8080", "http://api.example")
    method = "POST" if body else "GET"
    return httpx.Request(method, url, headers=headers, content=body, params=query or None)


@pytest.mark.parametrize("command", REQUESTS)
async def test_a_request_of_the_page_is_answered(client: httpx.AsyncClient, command: str) -> None:
    answer = await client.send(request(command))
    assert answer.status_code == 200, answer.text
    if "json-seq" in answer.headers["content-type"]:
        assert answer.text.count("\x1e") == 1
        return
    if "csv" in answer.headers["content-type"]:
        assert len([*csv.reader(io.StringIO(answer.text))]) == 2
        return
    told = answer.json()
    if "features" in told:
        assert len(told["features"]) == 1
    for part in told.get("aggregations", ()):
        if "buckets" in part:
            assert sum(bucket["frequency"] for bucket in part["buckets"]) == 1
        elif "aggregate?" in command:
            assert part["value"]


def test_the_page_has_requests_of_every_kind() -> None:
    assert len(REQUESTS) >= 12
