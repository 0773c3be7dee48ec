"""What MapProxy is given: the map layer behind every cache, and how tiles are kept.

The map layer makes one picture of one catalogue query. Tiles are kept so that trees of tiles may
be removed at any moment (`tiling.cache`): MapProxy's own cache answers with an error then.
"""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from mapproxy.cache.base import tile_buffer
from mapproxy.cache.file import FileCache
from mapproxy.cache.tile import Tile, TileCollection
from mapproxy.cache.tile_creator import TileCreator, split_meta_tiles
from mapproxy.extent import DefaultMapExtent, MapExtent
from mapproxy.image import ImageResult, is_single_color_image
from mapproxy.image.opts import ImageOptions
from mapproxy.layer import BlankImageError
from mapproxy.layer.map_layer import MapLayer
from mapproxy.query import MapQuery
from mapproxy.source import SourceError
from PIL import Image
from rasterio.crs import CRS

from infrastructure.catalogue import BBox, ItemAssets
from infrastructure.errors import SwathError
from tiling.cache import held, keep
from tiling.render import draw
from tiling.style import Style
from tiling.times import is_kept, named
from tiling.view import View

log = logging.getLogger(__name__)

FAILED = "The map cannot be drawn just now."
"""All that a client reads of a failure: addresses and causes are for the log."""


class Catalogue(Protocol):
    """What the map services ask of the catalogue."""

    def collections(self) -> dict[str, int]:
        """Collection id -> version, a number that grows with every change."""

    def collection(self, collection: str) -> dict[str, Any]:
        """The STAC Collection."""

    def assets_covering(
        self,
        collection: str,
        bbox: BBox,
        limit: int,
        keys: Sequence[str],
        days: tuple[date, date] | None = None,
    ) -> list[ItemAssets]:
        """The items that meet a box in degrees, and days if given, newest first."""

    def days(self, collection: str) -> list[date]:
        """The days (UTC, ascending) on which a collection has items."""


Opener = Callable[[], Catalogue]
"""Gives this process its catalogue."""


@dataclass(frozen=True)
class Origin:
    """Where the pictures of a layer come from."""

    catalogue: Opener
    collection: str
    style: Style
    max_items: int


class CatalogueSource(MapLayer):  # type: ignore[misc]  # MapProxy has no types
    """Draws what the catalogue has of one collection, in one style."""

    supports_meta_tiles = True

    def __init__(self, origin: Origin, coverage: Any = None, res_range: Any = None) -> None:
        super().__init__(ImageOptions(transparent=True, format="image/png", mode="RGBA"))
        self.origin = origin
        self.coverage = coverage
        self.res_range = res_range
        self.extent = MapExtent(coverage.bbox, coverage.srs) if coverage else DefaultMapExtent()

    def get_map(self, query: Any) -> ImageResult:
        """The picture of a MapProxy query (bbox in x, y order; size in pixels).

        A place without data is a transparent picture, which MapProxy keeps like any other, so
        that empty tiles cost the catalogue nothing the second time.

        Raises:
            BlankImageError: the query is outside the collection or its zoom levels.
            SourceError: the picture cannot be drawn; MapProxy does not keep it.
        """
        self.check_res_range(query)
        if self.coverage and not self.coverage.intersects(query.bbox, query.srs):
            raise BlankImageError
        width, height = query.size
        crs = CRS.from_user_input(query.srs.srs_code.replace("CRS:84", "OGC:CRS84"))
        try:
            image = self._draw(View(query.bbox, crs, width, height), _time(query.dimensions))
        except SwathError as error:
            log.warning("collection %s: %s", self.origin.collection, error)
            raise SourceError(FAILED) from error
        return ImageResult(image, size=query.size, image_opts=self.image_opts)

    def _draw(self, view: View, time: str | None) -> Image.Image:
        origin = self.origin
        period = named(time) if time else None
        items = origin.catalogue().assets_covering(
            origin.collection,
            view.lonlat(),
            origin.max_items,
            origin.style.assets,
            days=(period.first, period.last) if period else None,
        )
        if len(items) == origin.max_items:
            log.warning(
                "collection %s: a picture shows the newest %d items only",
                origin.collection,
                origin.max_items,
            )
        picture = draw(items, origin.style, view)
        if picture is None:
            return Image.new("RGBA", (view.width, view.height))
        return Image.fromarray(picture, "RGBA")


def _time(dimensions: Any) -> str | None:
    """The name of the period that a query of MapProxy is for; None for every time."""
    name: str | None = (dimensions or {}).get("time")
    return name


class KeptTiles(FileCache):  # type: ignore[misc]  # MapProxy has no types
    """Tiles in files; whatever becomes of a file, a tile that was read or drawn is answered."""

    def load_tile(self, tile: Any, with_metadata: bool = False, dimensions: Any = None) -> bool:  # noqa: ARG002  # MapProxy's signature
        """Read the tile at once: its file may be gone when the answer is written."""
        if not tile.is_missing():
            return True
        try:
            with Path(self.tile_location(tile, dimensions=dimensions)).open("rb") as file:
                state, data = os.fstat(file.fileno()), file.read()
        except (FileNotFoundError, NotADirectoryError):
            return False
        tile.image_result = ImageResult(BytesIO(data), image_opts=self.image_opts)
        tile.timestamp, tile.size = state.st_mtime, state.st_size
        return True

    def is_cached(self, tile: Any, dimensions: Any = None) -> bool:
        """Whether the tile is there, and from then on it is read."""
        return self.load_tile(tile, dimensions=dimensions)

    def held(self) -> AbstractContextManager[int | None]:
        """The folder of this cache, to be held while tiles are drawn for it."""
        return held(Path(self.cache_dir))

    def put(self, folder: int | None, tile: Any, dimensions: Any) -> None:
        """Keep a tile in a folder from `held`; nothing is kept if there is none."""
        with tile_buffer(tile) as buffer:
            data = buffer.read()
        if folder is None:
            return
        name = os.path.relpath(self.tile_location(tile, dimensions=dimensions), self.cache_dir)
        colour = is_single_color_image(tile.image_result.as_image())
        twin = f"single_color_tiles/{bytes(colour).hex()}.{self.file_ext}" if colour else None
        keep(folder, name, data, twin)


class TileDrawer(TileCreator):  # type: ignore[misc]  # untyped
    """Draws a metatile, unless another process did while this one waited for the lock."""

    def create_tiles(self, tiles: list[Any]) -> list[Any]:
        """The tiles, kept if tiles of their period are."""
        if is_kept(_time(self.dimensions)):
            made: list[Any] = super().create_tiles(tiles)
            return made
        return [tile for tile in tiles if self._pass(tile)]

    def _pass(self, tile: Any) -> bool:
        """Draw a tile that is not kept; whether there is anything."""
        tile.image_result = self._picture(self.grid.tile_bbox(tile.coord), self.grid.tile_size)
        if tile.image_result:
            self.cache.put(None, tile, self.dimensions)
        return tile.image_result is not None

    def _picture(self, bbox: Any, size: Any) -> Any:
        form = self.tile_mgr.request_format
        query = MapQuery(bbox, size, self.grid.srs, form, dimensions=self.dimensions)
        return self._query_sources(query)

    def _create_meta_tile(self, meta_tile: Any) -> list[Any]:
        with self.tile_mgr.lock(Tile(meta_tile.main_tile_coord)):
            kept = TileCollection([coord for coord in meta_tile.tiles if coord is not None])
            if self.cache.load_tiles(kept, dimensions=self.dimensions):
                there: list[Any] = kept.tiles
                return there
            # The folder is held before the catalogue is asked what is in the picture.
            with self.cache.held() as folder:
                return self._drawn(meta_tile, folder)

    def _drawn(self, meta_tile: Any, folder: int | None) -> list[Any]:
        picture = self._picture(meta_tile.bbox, meta_tile.size)
        if not picture:
            return []
        tiles: list[Any] = split_meta_tiles(
            picture, meta_tile.tile_patterns, self.grid.tile_size, self.tile_mgr.image_opts
        )
        for tile in tiles:
            self.cache.put(folder, tile, self.dimensions)
        return tiles
