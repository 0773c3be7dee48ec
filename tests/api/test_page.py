"""The page for people and the page for programs at one address."""

import re

import httpx
import pytest

pytestmark = pytest.mark.platform

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_a_browser_gets_the_page_and_a_program_the_catalogue(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/", headers={"Accept": BROWSER})
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"] == "Accept"
    for accept in ("application/json", "*/*", "application/json, text/html;q=0.5"):
        answer = await client.get("/", headers={"Accept": accept})
        assert answer.json()["type"] == "Catalog"
        assert "Accept" in answer.headers["vary"].split(", ")


async def test_the_page_is_only_for_reading(client: httpx.AsyncClient) -> None:
    head = await client.head("/", headers={"Accept": BROWSER})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/html")
    assert (await client.post("/", headers={"Accept": BROWSER})).status_code == 405


async def test_everything_that_the_pages_load_is_served_here(client: httpx.AsyncClient) -> None:
    for address in ("/", "/api.html"):
        text = (await client.get(address, headers={"Accept": BROWSER})).text
        loaded = re.findall(r'(?:src|href)="([^"#]+)"', text)
        assert loaded
        for link in loaded:
            assert not link.startswith(("http:", "https:", "//")), link
            assert (await client.get(f"/{link}")).status_code == 200


async def test_the_page_has_no_other_files(client: httpx.AsyncClient) -> None:
    for name in ("nope.js", "..%2fpackage.json", "app.js.map"):
        assert (await client.get(f"/{name}")).status_code == 404
