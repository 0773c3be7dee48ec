"""The map layer behind every cache: one catalogue query, one picture."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mapproxy.extent import DefaultMapExtent, MapExtent
from mapproxy.image import ImageResult
from mapproxy.image.opts import ImageOptions
from mapproxy.layer import BlankImageError
from mapproxy.layer.map_layer import MapLayer
from mapproxy.source import SourceError
from PIL import Image
from rasterio.crs import CRS

from infrastructure.catalogue import BBox, ItemAssets
from infrastructure.errors import SwathError
from tiling.render import draw
from tiling.style import Style
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
        self, collection: str, bbox: BBox, limit: int, keys: Sequence[str]
    ) -> list[ItemAssets]:
        """The items that meet a box in degrees, newest first."""


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
            image = self._draw(View(query.bbox, crs, width, height))
        except SwathError as error:
            log.warning("collection %s: %s", self.origin.collection, error)
            raise SourceError(FAILED) from error
        return ImageResult(image, size=query.size, image_opts=self.image_opts)

    def _draw(self, view: View) -> Image.Image:
        origin = self.origin
        items = origin.catalogue().assets_covering(
            origin.collection, view.lonlat(), origin.max_items, origin.style.assets
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
