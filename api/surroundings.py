"""What the API knows of the world around it: the store, the tile service, its own settings."""

from dataclasses import dataclass
from typing import Any

from infrastructure.addresses import public_href
from infrastructure.metadata.schemas import SCHEMAS
from infrastructure.settings import ApiSettings, StorageSettings
from infrastructure.storage import Store

WEB_MAP_LINKS = "https://stac-extensions.github.io/web-map-links/v1.2.0/schema.json"
ISO_19139 = "application/vnd.iso.19139+xml"

Link = dict[str, Any]


@dataclass(frozen=True)
class Surroundings:
    """The neighbours of the API; one per application, in `app.state.surroundings`."""

    store: Store
    storage: StorageSettings
    tiles_url: str
    api: ApiSettings

    def open_up(self, item: dict[str, Any], base_url: str) -> None:
        """Turn the store's addresses in an item into public ones, and link its ISO record."""
        for asset in item.get("assets", {}).values():
            if "href" in asset:
                asset["href"] = public_href(asset["href"], self.store, self.storage, base_url)
        if {"id", "collection", "links"} <= item.keys():
            path = f"collections/{item['collection']}/items/{item['id']}/iso19139"
            item["links"].append(
                {
                    "rel": "alternate",
                    "type": ISO_19139,
                    "title": "ISO 19139 metadata record",
                    "href": f"{base_url.rstrip('/')}/{path}",
                }
            )

    def add_maps(self, collection: dict[str, Any]) -> None:
        """Link the map services of a collection that has renders (Web Map Links extension)."""
        if not collection.get("renders"):
            return
        name = collection["id"]
        base = f"{self.tiles_url.rstrip('/')}/{name}"
        collection["links"] += [
            {
                "rel": "wmts",
                "type": "application/xml",
                "title": "WMTS capabilities",
                "href": f"{base}/wmts/1.0.0/WMTSCapabilities.xml",
                "wmts:layer": [name],
            },
            {
                "rel": "wms",
                "type": "text/xml",
                "title": "WMS capabilities",
                "href": f"{base}/service?SERVICE=WMS&REQUEST=GetCapabilities",
                "wms:layers": [name],
                "wms:transparent": True,
            },
            {
                "rel": "xyz",
                "type": "image/png",
                "title": "Map tiles (WebMercator, row 0 in the north)",
                "href": f"{base}/wmts/{name}/webmercator/{{z}}/{{x}}/{{y}}.png",
            },
        ]
        extensions = collection.setdefault("stac_extensions", [])
        if WEB_MAP_LINKS not in extensions:
            extensions.append(WEB_MAP_LINKS)

    def add_records(self, collection: dict[str, Any], base_url: str) -> None:
        """Link the metadata records of a collection."""
        base = f"{base_url.rstrip('/')}/collections/{collection['id']}/records"
        collection["links"] += [
            {
                "rel": "alternate",
                "type": schema.MEDIA_TYPE,
                "title": schema.TITLE,
                "href": f"{base}/{name}",
            }
            for name, schema in SCHEMAS.items()
        ]

    def landing_links(self) -> list[Link]:
        """Links of the landing page to what is not STAC."""
        links: list[Link] = [
            {
                "rel": "tiles",
                "type": "application/json",
                "title": "Map services (WMS, WMTS)",
                "href": self.tiles_url,
            }
        ]
        if self.api.monitor_url:
            links.append(
                {
                    "rel": "monitor",
                    "type": "text/html",
                    "title": "Runs and schedules (Prefect)",
                    "href": self.api.monitor_url,
                }
            )
        return links
