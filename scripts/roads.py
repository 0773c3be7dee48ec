"""The roads that real files take: which source takes the records out of which file."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from flows.csw import answer
from flows.csw.exchange import CSW, Version, exchange
from flows.found import Found
from flows.packages.names import package
from flows.packages.products import Scene
from flows.records.standards import of
from flows.scope import Scope
from flows.sources import folder, stac_bulk, stac_static
from flows.stac import items
from flows.upstream import atom, features, odata
from flows.upstream.records import record
from infrastructure.errors import SwathError
from infrastructure.http import Http

FOLDERS = ("stac", "iso", "imagery", "responses", "malformed")

LEFT_OUT = (
    "malformed/mcf/*", "*/README.md", "imagery/*/README", "imagery/INVENTORY.md",
    "*/NOTICE", "*/requests.txt",
)  # fmt: skip
"""What is no data, and templates of metadata for people."""

WHOLE = (
    "noaa-oisst-global", "noaa-storm-nashville", "sentinel1-grd-gcps", "sentinel2-l1c-aws-19UDP",
    "sentinel2-l2a-aws-19UDP", "sentinel2-l2a-cog-29RKH",
)  # fmt: skip
"""Folders of images that are one product each."""

DATES: dict[str, dict[str, str]] = {
    "copernicus-dem": {"time": "2010-12-12T00:00:00Z/2015-01-16T23:59:59Z"},  # TanDEM-X
    "dem-landcover-zion": {"time": "2000-02-11T00:00:00Z/2011-12-31T23:59:59Z"},  # SRTM to NLCD
    "landsat-timeseries-pucallpa": {"pattern": r"(?P<year>\d{4})\.tif"},
}
"""Folder of images -> what their collection file would tell of when they are of."""

VERSIONS: tuple[Version, ...] = ("2.0.2", "3.0.0")


@dataclass(frozen=True)
class Road:
    """A file and what a source finds in it."""

    what: str
    """What the file is."""
    found: Iterable[Found] | None = None
    """Nothing, of files without records."""
    collection: bool = False
    """Whether it is a STAC Collection, which is registered as such."""
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the collection file would say of the readers."""


@dataclass(frozen=True, eq=False)
class Place:
    """The folder, and the server that gives its files."""

    data: Path
    url: str
    scope: Scope = field(default_factory=lambda: Scope(http=Http(attempts=0)))

    def address(self, name: str) -> str:
        """Where a file is on the web."""
        return f"{self.url}/{name}"

    def read(self, name: str) -> bytes:
        """A file."""
        return (self.data / name).read_bytes()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def open_place(data: Path) -> Iterator[Place]:
    """Serve the folder on the web, to this machine alone."""
    handler = partial(_Handler, directory=str(data))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield Place(data, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def names(data: Path) -> list[str]:
    """The files, by their paths below the folder."""
    files = (path for name in FOLDERS for path in (data / name).rglob("*") if path.is_file())
    told = sorted(str(path.relative_to(data)) for path in files)
    return [name for name in told if not any(fnmatchcase(name, pattern) for pattern in LEFT_OUT)]


def road(place: Place, name: str) -> Road:
    """The road of a file."""
    for pattern, make in ROADS:
        if fnmatchcase(name, pattern):
            return make(place, name)
    raise ValueError(f"{name}: no road leads there")


def _stac(place: Place, name: str) -> Road:
    """An item, a collection, a catalog, or a file with many items."""
    document = json.loads(place.read(name)) if name.endswith("json") else []
    if isinstance(document, list) or document.get("type") == "FeatureCollection":
        return _bulk(place, name)
    if document.get("type") == "Feature":
        return Road("STAC Item", stac_static.search(place.scope, url=place.address(name)))
    if "extent" in document and document.get("type") != "Catalog":
        return Road("STAC Collection", collection=True)
    return Road("STAC Catalog, nothing but links")


def _bulk(place: Place, name: str) -> Road:
    return Road("STAC Items", stac_bulk.search(place.scope, url=place.address(name)))


def _geometry(place: Place, name: str) -> Road:
    """A geometry without an item around it: of an item that is right but for that."""
    document = json.loads(place.read(name))
    if "coordinates" not in document:
        return _stac(place, name)
    stem = Path(name).stem
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": stem,
        "geometry": document,
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
        "links": [],
        "assets": {},
    }
    return Road("geometry, as that of a STAC Item", [items.found(item)])


def _record(place: Place, name: str) -> Road:
    found = Found(name.rpartition("/")[2], "1", record=place.read(name))
    return Road("metadata record", [found])


def _product(place: Place, name: str) -> Road:
    """A file of a product: the whole product, with its first file."""
    home = package(name) or str(Path(name).parent)
    path = place.data / home
    first = min(str(file.relative_to(place.data)) for file in path.rglob("*") if file.is_file())
    if name != first:
        return Road("part of the product before it")
    return Road("product", folder.search(place.scope, url=str(path), scene="root"))


def _scene(place: Place, name: str) -> Road:
    path = str(place.data / name)
    return Road("product", folder.search(place.scope, url=path, scene="file", include=["*"]))


def _image(place: Place, name: str) -> Road:
    """A file of a folder of images: the product that it is the first file of."""
    home = "/".join(name.split("/")[:2])
    found, part = _products(place, home).get(name, (None, False))
    if found is None:
        return Road("part of the product before it" if part else "no part of a product")
    kind = Path(home).name
    return Road("product", [found], options={"geotiff": DATES.get(kind, {})})


@cache
def _products(place: Place, home: str) -> dict[str, tuple[Found | None, bool]]:
    """Path of each file of a folder's products -> the product, if it is the first of its files."""
    scene: Scene = "root" if Path(home).name in WHOLE else "folder"
    path = place.data / home
    roles: dict[str, tuple[Found | None, bool]] = {}
    for product in folder.search(place.scope, url=str(path), scene=scene):
        files = sorted(str(_path(href).relative_to(place.data)) for href in product.files.values())
        roles |= dict.fromkeys(files, (None, True)) | {files[0]: (product, True)}
    return roles


def _path(href: str) -> Path:
    return Path(unquote(urlsplit(href).path))


def _xml(place: Place, name: str) -> Road:
    """An answer of a CSW, with or without records; a request, in which records may be too."""
    try:
        root = exchange(place.scope.http, "GET", place.address(name))
    except SwathError as error:
        return Road("answer without records", _failing(error))
    what = etree.QName(root).localname
    for version in VERSIONS:
        if root.find(f"{{{CSW[version]}}}SearchResults") is not None:
            taken = answer.take(root, version, place.address(name))
            return Road(f"answer of a CSW, {what}", taken.records)
    records = list(_inside(root))
    return Road(f"`{what}`", records or None)


def _failing(error: SwathError) -> Iterator[Found]:
    yield from ()
    raise error


def _inside(root: etree._Element) -> Iterator[Found]:
    """The records in an answer to GetRecordById, or in a request to insert them."""
    for element in root.iter(etree.Element):
        if of(element) and not any(of(above) for above in element.iterancestors()):
            yield answer._found(element)  # noqa: SLF001


def _features(place: Place, name: str) -> Road:
    page = features.page(place.read(name), place.address(name), {})
    return Road("answer of an OpenSearch service, GeoJSON", page.found)


def _atom(place: Place, name: str) -> Road:
    content = place.read(name)
    if etree.QName(etree.fromstring(content)).localname != "feed":
        return Road("description of an OpenSearch service")
    page = atom.page(content, place.address(name), {}, longitude_first=False)
    return Road("answer of an OpenSearch service, Atom", page.found)


def _odata(place: Place, name: str) -> Road:
    products = json.loads(place.read(name))["value"]
    found = [odata.product(p, place.url, {}, "ModificationDate") for p in products]
    return Road("answer of an OData service", found)


def _records(place: Place, name: str) -> Road:
    document = json.loads(place.read(name))
    if document.get("type") != "Feature":
        return Road("answer of OGC API Records without records")
    return Road("record of OGC API Records", [record(document, place.address(name), {})])


def _recorded(place: Place, name: str) -> Road:
    """The items of all answers of a STAC API that were recorded one after the other."""
    found: list[Found] = []
    for exchanged in json.loads(place.read(name)):
        body = exchanged["response"]["body"]
        body = json.loads(body) if isinstance(body, str) and body[:1] == "{" else body
        if isinstance(body, dict) and isinstance(body.get("features"), list):
            found += map(items.found, body["features"])
        elif isinstance(body, dict) and body.get("type") == "Feature":
            found.append(items.found(body))
    return Road("answers of a STAC API", found or None)


def _without(what: str) -> Callable[[Place, str], Road]:
    return lambda *_: Road(what)


ROADS: list[tuple[str, Callable[[Place, str], Road]]] = [
    ("stac/bulk/*", _bulk),
    ("stac/*", _stac),
    ("malformed/stac/*", _geometry),
    ("imagery/*", _image),
    ("iso/safe-manifests/*", _product),
    ("iso/landsat-mtl/*", _scene),
    ("iso/*", _record),
    ("malformed/iso/*", _record),
    ("malformed/safe/*", _product),
    ("malformed/raster/*", _scene),
    ("malformed/records/*", _records),
    ("responses/ogcapi-records/*", _records),
    ("responses/opensearch-cdse/*.json", _features),
    ("responses/opensearch-*.xml", _atom),
    ("responses/owc-atom/*.geojson", _features),
    ("responses/owc-atom/*", _atom),
    ("responses/odata-cdse/*", _odata),
    ("responses/providers-eodag/cop_dataspace_search.json", _odata),
    ("responses/providers-eodag/earth_search_search.json", _stac),
    ("responses/providers-eodag/geodes_search.json", _stac),
    ("responses/providers-eodag/*.json", _features),
    ("responses/providers-eodag/*.xml", _atom),
    ("responses/stac-api-recorded/*", _recorded),
    ("responses/stac-s3-layout/*", _without("listing of a bucket")),
    ("*.xml", _xml),
]  # fmt: skip
"""Pattern of paths -> what to do with them; the first that fits."""
