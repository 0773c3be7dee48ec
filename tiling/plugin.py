"""The MapProxy plug-in: source type `swath` (entry point group `mapproxy`).

MapProxy calls `plugin_entrypoint` before it reads a configuration. A source of this type has the
keys `collection` and `render` (a Render Object of the STAC Render extension), and MapProxy's own
`coverage` and `min_res`.
"""

from typing import Any

from mapproxy.config.configuration.source import (
    SourceConfiguration,
    register_source_configuration,
    resolution_range,
)
from mapproxy.util.ext.dictspec.spec import anything

from infrastructure.settings import TilesSettings
from tiling.process import process_catalogue
from tiling.source import CatalogueSource, Origin
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
