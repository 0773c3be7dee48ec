"""The door to MapProxy: its plug-in (entry point group `mapproxy`) and its applications.

MapProxy calls `plugin_entrypoint` before it reads a configuration. A source of this type has the
keys `collection` and `render` (a Render Object of the STAC Render extension), and MapProxy's own
`coverage` and `min_res`.
"""

from copy import deepcopy
from html import escape
from pathlib import Path
from typing import Any

from mapproxy.config.configuration.base import ConfigurationError
from mapproxy.config.configuration.cache import CacheConfiguration
from mapproxy.config.configuration.layer import LayerConfiguration
from mapproxy.config.configuration.proxy import ProxyConfiguration
from mapproxy.config.configuration.source import (
    SourceConfiguration,
    register_source_configuration,
    resolution_range,
)
from mapproxy.util.ext.dictspec.spec import anything
from mapproxy.wsgiapp import MapProxyApp

from infrastructure.errors import Misconfigured
from infrastructure.settings import TilesSettings
from tiling.answer import WsgiApp
from tiling.process import process_catalogue
from tiling.source import CatalogueSource, KeptTiles, Opener, Origin, TileDrawer
from tiling.style import Style

SPEC = {
    "collection": "",
    "render": {anything(): anything()},
    "coverage": {anything(): anything()},
    "min_res": 0.0,
}


class CatalogueSourceConfiguration(SourceConfiguration):  # type: ignore[misc]  # untyped
    """Makes the source of one render from its configuration."""

    source_type = ("swath",)

    def source(self, params: Any = None) -> CatalogueSource:  # noqa: ARG002  # MapProxy's signature
        """The map layer; MapProxy calls this once for each cache and grid."""
        origin = Origin(
            catalogue=getattr(self.context, "catalogue", process_catalogue),
            collection=self.conf["collection"],
            style=Style.parse(self.conf["render"]),
            max_items=getattr(self.context, "max_items", None) or TilesSettings().max_items,
        )
        return CatalogueSource(origin, self.coverage(), resolution_range(self.conf))


def plugin_entrypoint() -> None:
    """Tell MapProxy of the source type."""
    register_source_configuration("swath", CatalogueSourceConfiguration, "swath", SPEC)


class KeptCacheConfiguration(CacheConfiguration):  # type: ignore[misc]  # untyped
    """Makes the caches of one render: files that may be removed while they are in use."""

    def _file_cache(self, grid_conf: Any, image_opts: Any) -> KeptTiles:
        made = super()._file_cache(grid_conf, image_opts)
        return KeptTiles(made.cache_dir, made.file_ext, "tms", "hardlink", image_opts=image_opts)

    def caches(self) -> list[tuple[Any, Any, Any]]:
        """Grid, extent and tile manager of each grid."""
        made: list[tuple[Any, Any, Any]] = super().caches()
        for _, _, manager in made:
            manager.tile_creator_class = TileDrawer
        return made


class TimedLayerConfiguration(LayerConfiguration):  # type: ignore[misc]  # untyped
    """Makes tile layers that take the periods which the application names (`tiling.times`)."""

    def tile_layers(self, grid_name_as_path: bool = False) -> list[Any]:
        """The layers, one for each grid."""
        made: list[Any] = super().tile_layers(grid_name_as_path)
        for layer in made:
            layer.checked_dimensions = _period
        return made


def _period(request: Any) -> dict[str, str]:
    time = request.dimensions.get("time")
    return {"time": time} if time else {}


class CollectionConfiguration(ProxyConfiguration):  # type: ignore[misc]  # untyped
    """A MapProxy configuration that knows the catalogue which its sources draw from."""

    def __init__(self, conf: dict[str, Any], base: Path, catalogue: Opener, max_items: int) -> None:
        self.catalogue = catalogue
        self.max_items = max_items
        super().__init__(conf, conf_base_dir=str(base))

    def load_caches(self) -> None:
        """Make the caches; MapProxy's own answer with an error when a tree is swept."""
        self.caches = {
            name: KeptCacheConfiguration(conf={**conf, "name": name}, context=self)
            for name, conf in self.configuration["caches"].items()
        }

    def load_tile_layers(self) -> None:
        """Make the layers of WMTS; MapProxy's own take listed values only."""
        super().load_tile_layers()
        self.layers: dict[str, Any] = {
            name: TimedLayerConfiguration(conf=layer.conf, context=self)
            for name, layer in self.layers.items()
        }


def build(conf: dict[str, Any], base: Path, catalogue: Opener, max_items: int) -> WsgiApp:
    """The MapProxy application of a configuration, which stays as it is.

    Args:
        conf: The configuration, as `tiling.layers` makes it.
        base: Folder that relative paths in it start from.
        catalogue: Gives each process its catalogue.
        max_items: Most items that one picture may open.

    Raises:
        Misconfigured: MapProxy does not accept it.
    """
    plugin_entrypoint()
    try:
        made = CollectionConfiguration(_for_mapproxy(conf), base, catalogue, max_items)
        app: WsgiApp = MapProxyApp(made.configured_services(), made.base_config)
    except (ConfigurationError, ValueError, AssertionError) as error:
        raise Misconfigured(f"MapProxy does not accept it: {error}") from error
    return app


def _for_mapproxy(conf: dict[str, Any]) -> dict[str, Any]:
    """A copy that MapProxy may write its own keys into, with texts as its XML templates need."""
    texts = {key: _escaped(conf[key]) for key in ("services", "layers")}
    return deepcopy(conf) | texts


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _escaped(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_escaped(entry) for entry in value]
    return escape(value) if isinstance(value, str) else value
