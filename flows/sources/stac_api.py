"""A STAC API, page by page (OGC API Features / STAC API Item Search)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
import requests
from pystac_client import Client
from pystac_client.exceptions import APIError

from flows.found import Found
from infrastructure.errors import Unreachable


def search(
    since: datetime | None,
    *,
    base: Path,  # noqa: ARG001 - an API has no relative address
    url: str,
    incremental: bool = False,
    page: int = 250,
    **query: Any,
) -> Iterator[Found]:
    """Search an API for items, until its last page.

    Args:
        since: With `incremental`, only items whose `updated` is not before this moment.
        base: Not used.
        url: Landing page of the API.
        incremental: Trust the `updated` property. Leave it off for an API whose items lack it:
            they would never be found again.
        page: Items per page, asked of the server.
        query: Parameters of the search: collections, bbox (degrees, west south east north),
            datetime, ids, intersects, query, filter, filter_lang, sortby.

    Raises:
        Unreachable: the API does not answer, or answers with an error.
    """
    if incremental and since is not None:
        moment = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        query["query"] = {**query.get("query", {}), "updated": {"gte": moment}}
    try:
        client = Client.open(url, timeout=60)
        for item in client.search(limit=page, **query).items_as_dicts():
            yield Found(
                upstream_id=f"{item.get('collection')}/{item['id']}",
                fingerprint=blake2b(orjson.dumps(item), digest_size=16).hexdigest(),
                document=item,
            )
    except (APIError, requests.RequestException) as error:
        if isinstance(error.__context__ or error, requests.ConnectionError):
            raise Unreachable(f"STAC API {url} does not answer") from error
        raise Unreachable(f"STAC API {url}: {error}") from error
