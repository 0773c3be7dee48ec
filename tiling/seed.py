"""Seeding: asking the tile service for tiles before anybody else does."""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import httpx
import morecantile

from infrastructure.catalogue import BBox
from infrastructure.errors import NotFound, Unreachable
from tiling.layers import LEVELS
from tiling.view import MERCATOR_LATITUDE

log = logging.getLogger(__name__)

META = 2
"""Tiles of a metatile in each direction: a request for one of them draws them all."""
WORKERS = 4
TIMEOUT = 120.0
"""Seconds for one metatile."""

Progress = Callable[[int, int], None]
"""Called with the tiles that are done and the tiles that there are."""


@dataclass(frozen=True)
class SeedResult:
    """What became of a seeding."""

    tiles: int
    """Tiles that were drawn or were there, over all layers."""
    failed: int
    """Tiles that could not be drawn."""
    seconds: float


@dataclass(frozen=True)
class Block:
    """The tiles of one metatile that a box touches."""

    z: int
    x: int
    y: int
    tiles: int


def seed(  # noqa: PLR0913, PLR0917  # one call says the whole job
    base_url: str,
    collection: str,
    bbox: BBox,
    minzoom: int,
    maxzoom: int,
    progress: Progress | None = None,
) -> SeedResult:
    """Draw every tile of a collection's layers (grid `webmercator`) that a box touches.

    Args:
        base_url: Address of the tile service.
        collection: Id of the collection.
        bbox: West, south, east, north in degrees; west > east crosses the antimeridian.
        minzoom: First zoom level.
        maxzoom: Last zoom level, at most `tiling.layers.LEVELS - 1`.
        progress: Told how far it is, a few times a second at most.

    Raises:
        NotFound: the tile service has no map of the collection.
        Unreachable: the tile service does not answer.
    """
    started = time.monotonic()
    levels = range(minzoom, min(maxzoom, LEVELS - 1) + 1)
    with httpx.Client(base_url=base_url, timeout=TIMEOUT) as client:
        addresses = templates(client, collection)
        total = len(addresses) * sum(block.tiles for block in blocks(bbox, levels))
        work = ((address, block) for address in addresses for block in blocks(bbox, levels))
        done = failed = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            # Handed out by the dozen, so that memory does not grow with the box.
            while chunk := list(islice(work, 4 * WORKERS)):
                drawn = pool.map(lambda job: _request(client, *job), chunk)
                for (_, block), good in zip(chunk, drawn, strict=True):
                    done, failed = done + block.tiles * good, failed + block.tiles * (not good)
                if progress:
                    progress(done + failed, total)
    return SeedResult(done, failed, time.monotonic() - started)


def templates(client: httpx.Client, collection: str) -> list[str]:
    """The tile addresses of a collection's layers; the default layer is one of the renders.

    Raises:
        NotFound: the tile service has no map of the collection.
        Unreachable: the tile service does not answer, or cannot serve the collection.
    """
    try:
        response = client.get(f"/{collection}")
    except httpx.HTTPError as error:
        raise Unreachable(f"the tile service does not answer: {error}") from error
    if response.status_code == httpx.codes.NOT_FOUND:
        raise NotFound(f"the tile service has no map of '{collection}'")
    if response.is_error:
        raise Unreachable(f"the tile service: {response.text.strip()}")
    layers = [layer["name"] for layer in response.json()["layers"]]
    return [
        f"/{collection}/wmts/{name}/webmercator/{{z}}/{{x}}/{{y}}.png"
        for name in layers
        if name != collection
    ]


def blocks(bbox: BBox, levels: range) -> Iterator[Block]:
    """The metatiles that a box touches, level by level."""
    west, south, east, north = bbox
    south, north = max(south, -MERCATOR_LATITUDE), min(north, MERCATOR_LATITUDE)
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    grid = morecantile.tms.get("WebMercatorQuad")
    for z in levels:
        # Both halves are in the one tile of level 0.
        for left, right in halves[:1] if z == 0 else halves:
            first, last = grid.tile(left, north, z), grid.tile(right, south, z)
            for x, columns in _runs(first.x, last.x):
                for y, rows in _runs(first.y, last.y):
                    yield Block(z, x, y, columns * rows)


def _runs(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The first tile of each metatile between two tiles, and how many of it lie between them."""
    start = first
    while start <= last:
        stop = min(start // META * META + META, last + 1)
        yield start, stop - start
        start = stop


def _request(client: httpx.Client, address: str, block: Block) -> bool:
    path = address.format(z=block.z, x=block.x, y=block.y)
    try:
        response = client.get(path)
    except httpx.HTTPError as error:
        log.warning("%s: %s", path, error)
        return False
    if response.is_error:
        log.warning("%s: status %d", path, response.status_code)
    return response.is_success
