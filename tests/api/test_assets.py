"""Files of the store over HTTP: what RFC 9110 says of ranges and conditions."""

import httpx
import pytest

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]

URL = "/assets/c/a/red%20%231.tif"
CONTENT = bytes(range(256)) * 8


async def test_a_file_comes_whole_with_what_a_cache_needs(client: httpx.AsyncClient) -> None:
    answer = await client.get(URL, headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == "2048"
    assert answer.headers["content-type"].startswith("image/tiff")
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Content-Range" in answer.headers["access-control-expose-headers"]
    head = await client.head(URL)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == "2048"


@pytest.mark.parametrize(
    ("asked", "status", "said", "content"),
    [
        ("bytes=0-15", 206, "bytes 0-15/2048", CONTENT[:16]),
        ("bytes=2000-", 206, "bytes 2000-2047/2048", CONTENT[2000:]),
        ("bytes=-8", 206, "bytes 2040-2047/2048", CONTENT[-8:]),
        ("bytes=2040-9999", 206, "bytes 2040-2047/2048", CONTENT[2040:]),
        ("bytes=2048-", 416, "bytes */2048", b""),
        ("bytes=9-3", 416, "bytes */2048", b""),
        ("bytes=-0", 416, "bytes */2048", b""),
        ("bytes=0-1,5-6", 200, None, CONTENT),
        ("lines=1-2", 200, None, CONTENT),
        ("bytes=-", 200, None, CONTENT),
        ("bytes=9999999999999999999-", 416, "bytes */2048", b""),
        pytest.param(f"bytes={'9' * 5000}-", 200, None, CONTENT, id="no number"),
    ],
)
async def test_ranges(
    client: httpx.AsyncClient, asked: str, status: int, said: str | None, content: bytes
) -> None:
    answer = await client.get(URL, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("content-range") == said


async def test_head_has_no_ranges(client: httpx.AsyncClient) -> None:
    answer = await client.head(URL, headers={"Range": "bytes=0-15"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, "2048")
    assert "content-range" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_page_elsewhere_may_ask_for_ranges(client: httpx.AsyncClient, method: str) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "Range, If-Range, If-None-Match",
    }
    assert (await client.options(URL, headers=asked)).status_code == 200


async def test_conditions(client: httpx.AsyncClient) -> None:
    etag = (await client.head(URL)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await client.get(URL, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
    answer = await client.get(URL, headers={"If-None-Match": '"other"'})
    assert answer.status_code == 200
    ranged = {"Range": "bytes=0-1"}
    current = await client.get(URL, headers={**ranged, "If-Range": etag})
    stale = await client.get(URL, headers={**ranged, "If-Range": '"other"'})
    assert (current.status_code, stale.status_code) == (206, 200)


@pytest.mark.parametrize(
    "key",
    [
        "nope",
        "c",
        "",
        "c/a/",
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "a%00b",
        "k" * 300,
        "a%231",
        "c/a/red%20%231.tif/below",
    ],
)
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get(f"/assets/{key}")
    assert answer.status_code == 404
