"""A STAC API, page by page (OGC API Features / STAC API Item Search)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from pystac import Link
from pystac.errors import STACError, STACTypeError
from pystac_client import Client
from pystac_client.errors import ClientTypeError
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from pystac_client.warnings import PystacClientWarning

from flows.found import Found
from infrastructure.errors import SwathError, Unreachable, Unreadable

NO_API = (ClientTypeError, STACError, STACTypeError, PystacClientWarning)
"""What the library raises for an answer that is no STAC API with item search; it raises even its
warning `DoesNotConformTo`."""

LATER = {408, 429}
"""Client errors of HTTP that mean: try again."""


def search(  # noqa: PLR0913 - the parameters of the standard's item search
    since: datetime | None,
    *,
    base: Path,  # noqa: ARG001 - an API has no relative address
    url: str,
    incremental: bool = False,
    page: int = 250,
    collections: list[str] | None = None,
    bbox: list[float] | None = None,
    datetime: str | None = None,
    ids: list[str] | None = None,
    intersects: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
    filter: dict[str, Any] | str | None = None,  # noqa: A002 - the standard's name
    filter_lang: str | None = None,
    sortby: list[str] | str | None = None,
) -> Iterator[Found]:
    """Search an API for items, until its last page.

    Args:
        since: With `incremental`, only items whose `updated` is not before this moment.
        base: Not used.
        url: Landing page of the API.
        incremental: Trust the `updated` property. Leave it off for an API whose items lack it:
            they would never be found again.
        page: Items per page, asked of the server.
        collections: Ids of the API's collections.
        bbox: Degrees: west, south, east, north.
        datetime: A moment or an interval, RFC 3339.
        ids: Ids of items.
        intersects: GeoJSON geometry, degrees.
        query: Conditions of the Query extension.
        filter: Condition in CQL2 (Filter extension).
        filter_lang: `cql2-json` or `cql2-text`.
        sortby: Order (Sort extension).

    Raises:
        Unreachable: the API does not answer, or answers that it cannot.
        Unreadable: the address is no STAC API with item search, or it refuses the query.
    """
    if incremental and since is not None:
        moment = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        query = {**(query or {}), "updated": {"gte": moment}}
    parameters: dict[str, Any] = {
        "collections": collections,
        "bbox": bbox,
        "datetime": datetime,
        "ids": ids,
        "intersects": intersects,
        "query": query,
        "filter": filter,
        "filter_lang": filter_lang,
        "sortby": sortby,
    }
    try:
        for features in _pages(url, limit=page, **parameters):
            yield from map(_found, features)
    except SwathError:
        raise
    except (APIError, OSError) as error:
        raise _refusal(url, error) from error
    except NO_API as error:
        raise Unreadable(f"{url} is no STAC API with item search: {_line(error)}") from error
    except Exception as error:  # the library raises plain `Exception` for a wrong parameter
        raise Unreadable(f"STAC API {url} cannot be searched: {_line(error)}") from error


def _pages(url: str, **parameters: Any) -> Iterator[list[Any]]:
    """The items of every page; the library's own paging takes a page without any for the end."""
    api = StacApiIO(timeout=60)
    hits = Client.open(url, stac_io=api).search(**parameters)
    document: Any = api.read_json(hits.url, method=hits.method, parameters=hits.get_parameters())
    before = None
    while True:
        features = document.get("features") if isinstance(document, dict) else None
        if not isinstance(features, list):
            raise Unreadable(f"STAC API {url}: a page of the search has no list of features")
        yield features
        following = next((k for k in document.get("links", []) if k.get("rel") == "next"), None)
        if following is None:
            return
        if following == before:
            raise Unreadable(f"STAC API {url}: a page of the search names itself as the next")
        before = following
        document = api.read_json(Link.from_dict(following), parameters=hits.get_parameters())


def _found(item: Any) -> Found:
    fingerprint = blake2b(orjson.dumps(item), digest_size=16).hexdigest()
    if not isinstance(item, dict):
        return Found(f"no-item-{fingerprint}", fingerprint, error="the record is no JSON object")
    collection, name = item.get("collection"), item.get("id")
    if not isinstance(name, str) or not name:
        upstream_id = f"{collection}/no-id-{fingerprint}"
        return Found(upstream_id, fingerprint, error="the record has no `id`")
    return Found(f"{collection}/{name}", fingerprint, document=item)


def _refusal(url: str, error: Exception) -> SwathError:
    """Our error for what the API, or the way to it, answered."""
    status = getattr(error, "status_code", None)
    if status is None:
        return Unreachable(f"STAC API {url} does not answer: {_line(error)}")
    told = f"STAC API {url} answers with status {status}: {_line(error)}"
    return Unreadable(told) if 400 <= status < 500 and status not in LATER else Unreachable(told)


def _line(error: Exception) -> str:
    """What it says, in one short line; servers answer with whole pages."""
    said = " ".join(str(error).split())
    return said if len(said) <= 200 else f"{said[:200]}..."
