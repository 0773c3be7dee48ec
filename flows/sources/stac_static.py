"""A static STAC catalog, collection or item, walked link by link."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pystac
from pystac.errors import STACError, STACTypeError

from flows.found import Found
from infrastructure.errors import Unreachable, Unreadable


def search(
    since: datetime | None,  # noqa: ARG001 - files do not tell when they changed
    *,
    base: Path,
    url: str,
) -> Iterator[Found]:
    """Walk a static catalog; one branch at a time is held in memory.

    Args:
        since: Not used: the ledger knows which items are new.
        base: Folder that a relative `url` starts from.
        url: A catalog, collection or item: path or http(s) address.

    Raises:
        Unreachable: a file of the catalog cannot be fetched.
        Unreadable: a file of the catalog is no STAC.
    """
    href = url if urlsplit(url).scheme else str((base / url).resolve())
    try:
        root = pystac.read_file(href)
        if isinstance(root, pystac.Item):
            yield _found(root)
        elif isinstance(root, pystac.Catalog):
            yield from map(_found, root.get_items(recursive=True))
    except OSError as error:
        raise Unreachable(f"{href}: {error}") from error
    except STACError as error:
        broken = isinstance(error.__context__, OSError)
        raise (Unreachable if broken else Unreadable)(f"{href}: {error}") from error
    except (STACTypeError, ValueError, KeyError) as error:
        raise Unreadable(f"{href}: no STAC: {error}") from error


def _found(item: pystac.Item) -> Found:
    item.make_asset_hrefs_absolute()
    document = item.to_dict(include_self_link=True)
    return Found(
        upstream_id=f"{item.collection_id}/{item.id}",
        fingerprint=blake2b(orjson.dumps(document), digest_size=16).hexdigest(),
        document=document,
    )
