"""What HTTP asks of every answer: methods, conditions, addresses behind a proxy."""

import httpx
import pytest

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]

READABLE = ["/", "/conformance", "/collections", "/collections/c", "/collections/c/items",
            "/collections/c/items/a", "/search", "/queryables", "/jobs", "/api",
            "/collections/c/items/a/iso19139"]  # fmt: skip


@pytest.mark.parametrize("path", READABLE)
async def test_head_is_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    got, head = await client.get(path), await client.head(path)
    assert got.status_code == head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("path", READABLE)
async def test_who_has_an_answer_is_told_so(client: httpx.AsyncClient, path: str) -> None:
    tag = (await client.get(path)).headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get(path, headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    other = await client.get(path, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    assert other.content


async def test_the_tag_changes_with_the_answer(client: httpx.AsyncClient) -> None:
    one = await client.get("/collections/c/items/a")
    other = await client.get("/collections/c/items/b")
    assert one.headers["etag"] != other.headers["etag"]


async def test_an_error_has_no_tag(client: httpx.AsyncClient) -> None:
    answer = await client.get("/collections/nope", headers={"If-None-Match": "*"})
    assert answer.status_code == 404
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/search", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/collections/c", {"GET", "HEAD", "OPTIONS"}),
        ("/jobs/0", {"GET", "HEAD", "DELETE", "OPTIONS"}),
        ("/assets/c/a/x.tif", {"GET", "HEAD", "OPTIONS"}),
    ],
)
async def test_what_may_be_done_is_told(
    client: httpx.AsyncClient, path: str, methods: set[str]
) -> None:
    options = await client.options(path)
    assert options.status_code == 204
    assert {*options.headers["allow"].split(", ")} == methods
    refused = await client.request("PATCH", path)
    assert refused.status_code == 405
    assert {*refused.headers["allow"].split(", ")} == methods


async def test_a_page_elsewhere_may_ask(client: httpx.AsyncClient) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, if-none-match",
    }
    answer = await client.options("/search", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] in ("*", "https://elsewhere.example")


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({"Forwarded": "proto=https;host=eo.example"}, "https://eo.example/"),
        (
            {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "eo.example"},
            "https://eo.example/",
        ),
    ],
)
async def test_links_are_those_of_the_proxy(
    client: httpx.AsyncClient, headers: dict[str, str], base: str
) -> None:
    for path in ("/", "/collections", "/collections/c", "/search?limit=1"):
        document = (await client.get(path, headers=headers)).json()
        own = [
            link["href"] for link in document["links"] if link["rel"] in ("self", "next", "root")
        ]
        assert own
        assert all(href.startswith(base) for href in own)
