"""Look at a collection as its users do, over HTTP alone: STAC, COG, ISO, WMTS, WMS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from time import monotonic
from typing import Any

import httpx
import morecantile
from lxml import etree
from owslib.iso import MD_Metadata
from PIL import Image
from pystac_client import Client
from rio_cogeo.cogeo import cog_validate

from infrastructure.errors import SwathError

SAFE_XML = etree.XMLParser(resolve_entities=False, no_network=True)


class Wrong(SwathError):
    """The platform answered something else than it should."""


@dataclass(frozen=True)
class Check:
    """One look from outside."""

    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True)
class Addresses:
    """Where a collection is to be found."""

    api: str
    tiles: str
    collection: str

    @property
    def wmts_capabilities(self) -> str:
        """WMTS 1.0.0 capabilities document."""
        return f"{self.tiles}/{self.collection}/wmts/1.0.0/WMTSCapabilities.xml"

    @property
    def wms_capabilities(self) -> str:
        """WMS 1.3.0 capabilities document."""
        return f"{self.tiles}/{self.collection}/service?SERVICE=WMS&REQUEST=GetCapabilities"


def check_all(addresses: Addresses) -> Iterator[Check]:
    """Run every check; one that fails says what it saw, and the others go on."""
    outside = Outside(addresses)
    for check in (outside.search, outside.cog, outside.iso, outside.wmts, outside.wms):
        yield _timed(check)


def _timed(check: Callable[[], str]) -> Check:
    began = monotonic()
    try:
        detail, ok = check(), True
    except Exception as error:  # noqa: BLE001 - whatever a client meets is the finding
        detail, ok = f"{type(error).__name__}: {error}", False
    return Check(check.__name__.upper(), ok, detail, monotonic() - began)


class Outside:
    """A client of the platform that knows nothing but its addresses."""

    def __init__(self, addresses: Addresses) -> None:
        self.at = addresses
        self.http = httpx.Client(timeout=60, follow_redirects=True)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The collection's first items."""
        return self._search(max_items=100)

    @cached_property
    def bbox(self) -> tuple[float, float, float, float]:
        """The collection's box; degrees."""
        west, south, east, north = self._collection["extent"]["spatial"]["bbox"][0]
        return west, south, east, north

    @cached_property
    def _collection(self) -> dict[str, Any]:
        url = f"{self.at.api}/collections/{self.at.collection}"
        document: dict[str, Any] = self.http.get(url).raise_for_status().json()
        return document

    def _search(self, **query: Any) -> list[dict[str, Any]]:
        client = Client.open(self.at.api)
        return list(client.search(collections=[self.at.collection], **query).items_as_dicts())

    def search(self) -> str:
        """The items are found by place, time and cloud cover, and not where they are not."""
        west, _, east, _ = self.bbox
        times = self._collection["extent"]["temporal"]["interval"][0]
        below = {"op": "<=", "args": [{"property": "eo:cloud_cover"}, 100]}
        above = {"op": ">", "args": [{"property": "eo:cloud_cover"}, 100]}
        expectations: dict[str, tuple[dict[str, Any], int]] = {
            "place": ({"bbox": self.bbox}, len(self.items)),
            "elsewhere": ({"bbox": (west, 89, east, 89.5)}, 0),
            "time": ({"datetime": "/".join(times)}, len(self.items)),
            "another time": ({"datetime": "1970-01-01T00:00:00Z/1970-01-02T00:00:00Z"}, 0),
            "cloud cover": ({"filter": below, "filter_lang": "cql2-json"}, len(self.items)),
            "too cloudy": ({"filter": above, "filter_lang": "cql2-json"}, 0),
        }
        for name, (query, expected) in expectations.items():
            found = len(self._search(**query))
            if found != expected or not self.items:
                raise Wrong(f"by {name}: {found} items instead of {expected}")
        return f"{len(self.items)} items by {', '.join(expectations)}"

    def cog(self) -> str:
        """Every data asset is a valid COG, and is read by range."""
        hrefs = [
            asset["href"]
            for item in self.items
            for asset in item["assets"].values()
            if "data" in asset.get("roles", [])
        ]
        for href in hrefs:
            answer = self.http.get(href, headers={"Range": "bytes=0-16383"})
            if answer.status_code != 206 or answer.content[:2] not in {b"II", b"MM"}:
                raise Wrong(f"{href}: no range of a TIFF (HTTP {answer.status_code})")
            valid, errors, _ = cog_validate(f"/vsicurl/{href}", quiet=True)
            if not valid:
                raise Wrong(f"{href}: {'; '.join(errors)}")
        if not hrefs:
            raise Wrong("there is no data asset")
        return f"{len(hrefs)} valid COGs, read by range"

    def iso(self) -> str:
        """The ISO 19139 record says the same as the item."""
        item = self.items[0]
        link = next(link for link in item["links"] if link.get("type", "").endswith("19139+xml"))
        answer = self.http.get(link["href"]).raise_for_status()
        record = MD_Metadata(etree.fromstring(answer.content, SAFE_XML))
        box = record.identification[0].bbox
        seen = [float(edge) for edge in (box.minx, box.miny, box.maxx, box.maxy)]
        if max(abs(a - b) for a, b in zip(seen, item["bbox"], strict=True)) > 0.001:
            raise Wrong(f"the record's box is {seen}, the item's {item['bbox']}")
        return f"{record.identifier}, with the item's box"

    def wmts(self) -> str:
        """A WMTS tile in the middle of the collection is a picture."""
        capabilities = self.http.get(self.at.wmts_capabilities).raise_for_status().text
        if self.at.collection not in capabilities:
            raise Wrong("the capabilities do not name the layer")
        west, south, east, north = self.bbox
        grid = morecantile.tms.get("WebMercatorQuad")
        tile = grid.tile((west + east) / 2, (south + north) / 2, 9)
        layer = f"{self.at.tiles}/{self.at.collection}/wmts/{self.at.collection}"
        return self._picture(f"{layer}/webmercator/{tile.z}/{tile.x}/{tile.y}.png")

    def wms(self) -> str:
        """A WMS 1.3.0 map of the whole collection is a picture."""
        west, south, east, north = self.bbox
        query = {
            "SERVICE": "WMS",
            "VERSION": "1.3.0",
            "REQUEST": "GetMap",
            "LAYERS": self.at.collection,
            "STYLES": "",
            "CRS": "EPSG:4326",
            "BBOX": f"{south},{west},{north},{east}",
            "WIDTH": "512",
            "HEIGHT": "512",
            "FORMAT": "image/png",
            "TRANSPARENT": "TRUE",
        }
        url = httpx.URL(f"{self.at.tiles}/{self.at.collection}/service", params=query)
        return self._picture(str(url))

    def _picture(self, url: str) -> str:
        answer = self.http.get(url).raise_for_status()
        if not answer.headers["content-type"].startswith("image/"):
            raise Wrong(
                f"{answer.headers['content-type']} instead of a picture: {answer.text[:200]}"
            )
        image = Image.open(BytesIO(answer.content)).convert("RGBA")
        colours = len(image.getcolors(maxcolors=image.width * image.height) or [])
        opaque = sum(image.getchannel("A").histogram()[255:]) / (image.width * image.height)
        if colours < 50 or opaque < 0.1:
            raise Wrong(f"a blank picture: {colours} colours, {opaque:.0%} opaque: {url}")
        return f"{image.width}x{image.height} px, {colours} colours, {opaque:.0%} opaque"
