"""Two overlapping scenes written as real COGs, and the tile service over them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

from infrastructure.catalogue import BBox, ItemAssets
from infrastructure.errors import NotFound, Unreachable
from infrastructure.settings import TilesSettings
from tiling.app import TileService, create_app

QUIET = (
    "ignore:Use `@` matmul:PendingDeprecationWarning",  # rasterio 1.4 with affine 3
    # MapProxy leaves the file of a lock to the garbage collector.
    "ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning",
)
UTM33 = "EPSG:32633"
LONLAT = "OGC:CRS84"
SIZE = 700
"""Pixels of a scene each way, of 30 m."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Warnings of libraries that the tests of this folder cannot mend."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for line in QUIET:
                item.add_marker(pytest.mark.filterwarnings(line))


@pytest.fixture(scope="session", name="write_cog")
def write_cog_fixture() -> Callable[..., BBox]:
    """How the tests write files."""
    return write_cog


def write_cog(
    path: Path, bands: NDArray[Any], crs: str, origin: tuple[float, float, float]
) -> BBox:
    """Write (bands, rows, columns) with nodata 0 and give its lonlat box.

    The origin is left, top and the pixel size.
    """
    left, top, step = origin
    count, height, width = bands.shape
    profile: dict[str, Any] = {
        "driver": "COG",
        "crs": crs,
        "transform": from_origin(left, top, step, step),
        "count": count,
        "height": height,
        "width": width,
        "dtype": bands.dtype,
        "nodata": 0,
        "blocksize": 128,
        "overview_resampling": "average",
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(bands)
    with rasterio.open(path) as dataset:
        box: BBox = transform_bounds(CRS.from_string(crs), LONLAT, *dataset.bounds)
    return box


def scene_bands(shift: int) -> NDArray[np.uint16]:
    """Three smooth bands from 1000 to 9000, with a black collar along the slanted left edge."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype("float64")
    waves = [
        5000 + 4000 * np.sin((rows + shift) / 40 + band) * np.cos(columns / (50 + 5 * band))
        for band in range(3)
    ]
    bands: NDArray[np.uint16] = np.clip(np.stack(waves), 1000, 9000).astype("uint16")
    bands[:, columns < rows / 6] = 0
    return bands


@dataclass
class MemoryCatalogue:
    """The catalogue's boundary, in memory; counts the questions."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    items: list[ItemAssets] = field(default_factory=list)
    dates: dict[str, date] = field(default_factory=dict)
    """Item id -> its day."""
    questions: int = 0
    down: bool = False

    def put(self, document: dict[str, Any]) -> None:
        """Store a collection under its next version."""
        self.documents[document["id"]] = document
        self.versions[document["id"]] = self.versions.get(document["id"], 0) + 1

    def collections(self) -> dict[str, int]:
        if self.down:
            raise Unreachable("database: connection refused")
        return dict(self.versions)

    def collection(self, collection: str) -> dict[str, Any]:
        if collection not in self.documents:
            raise NotFound(collection)
        return self.documents[collection]

    def days(self, collection: str) -> list[date]:
        assert collection in self.documents
        if self.down:
            raise Unreachable("database: connection refused")
        return sorted({self.dates[item.id] for item in self.items if item.id in self.dates})

    def assets_covering(
        self,
        collection: str,
        bbox: BBox,
        limit: int,
        keys: Sequence[str],
        days: tuple[date, date] | None = None,
    ) -> list[ItemAssets]:
        assert collection in self.documents
        if self.down:
            raise Unreachable("database: connection refused")
        self.questions += 1
        west, south, east, north = bbox
        found = [
            ItemAssets(item.id, item.bbox, {k: v for k, v in item.hrefs.items() if k in keys})
            for item in self.items
            if item.bbox[0] <= east
            and item.bbox[2] >= west
            and item.bbox[1] <= north
            and item.bbox[3] >= south
            and (days is None or days[0] <= self.dates[item.id] <= days[1])
        ]
        return found[:limit]


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[ItemAssets]:
    """Two scenes in UTM 33N, the second 9 km further east and south, below the first."""
    folder = tmp_path_factory.mktemp("scenes")
    found = []
    for number in range(2):
        origin = (500_000 + 9000 * number, 5_000_000 - 9000 * number, 30)
        hrefs = {}
        for key, band in zip(("B4", "B3", "B2"), scene_bands(100 * number), strict=True):
            path = folder / f"{number}_{key}.tif"
            box = write_cog(path, band[np.newaxis], UTM33, origin)
            hrefs[key] = f"file://{path}"
        found.append(ItemAssets(f"scene-{number}", box, hrefs))
    return found


def landsat(items: Sequence[ItemAssets]) -> dict[str, Any]:
    """A collection with three renders, whose texts need escaping in XML."""
    boxes = np.array([item.bbox for item in items])
    whole = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
    return {
        "id": "landsat",
        "title": "Land & water <8>",
        "description": 'Two "scenes" & more.',
        "license": "CC0-1.0",
        "keywords": ["land", "a&b"],
        "providers": [{"name": "Survey & co"}],
        "links": [],
        "extent": {"spatial": {"bbox": [[float(number) for number in whole]]}},
        "renders": {
            "rgb": {
                "title": "True colour",
                "assets": ["B4", "B3", "B2"],
                "rescale": [[0, 10000]],
            },
            "ratio": {
                "assets": ["B4", "B2"],
                "expression": "(B4-B2)/(B4+B2)",
                "rescale": [[-1, 1]],
                "colormap_name": "viridis",
            },
            "near": {"assets": ["B4"], "rescale": [[0, 10000]], "minmax_zoom": [9, 14]},
        },
    }


@pytest.fixture
def memory(scenes: list[ItemAssets]) -> MemoryCatalogue:
    """A catalogue of the two scenes."""
    catalogue = MemoryCatalogue(items=list(scenes))
    catalogue.put(landsat(scenes))
    return catalogue


@pytest.fixture
def settings(tmp_path: Path) -> TilesSettings:
    return TilesSettings(cache=tmp_path / "cache", url="https://tiles.example/")


@pytest.fixture
def service(memory: MemoryCatalogue, settings: TilesSettings) -> TileService:
    return create_app(lambda: memory, settings)


@pytest.fixture
def client(service: TileService) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=httpx.WSGITransport(app=service), base_url="http://tiles.test"
    ) as client:
        yield client


@pytest.fixture
def picture(client: httpx.Client) -> Callable[..., NDArray[np.uint8]]:
    """Get an address and decode its picture as (rows, columns, RGBA)."""

    def get(path: str, **params: str) -> NDArray[np.uint8]:
        response = client.get(path, params=params or None)
        assert response.status_code == 200, response.text
        with Image.open(BytesIO(response.content)) as image:
            assert image.mode == "RGBA"
            return np.asarray(image)

    return get


class Quiet(WSGIRequestHandler):
    """A handler that writes no log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
        """Say nothing."""


@contextmanager
def listening(service: TileService) -> Iterator[str]:
    """The address of a real server of the service."""
    with make_server("127.0.0.1", 0, service, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(name="listening")
def listening_fixture() -> Callable[[TileService], AbstractContextManager[str]]:
    """How the tests start a server."""
    return listening


@pytest.fixture
def url(service: TileService) -> Iterator[str]:
    with listening(service) as address:
        yield address
