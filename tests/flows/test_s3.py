"""The whole way with products and store in buckets of a real S3 server."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.crs import CRS
from rasterio.windows import Window
from rio_cogeo.cogeo import cog_validate

from api.app import create_app
from flows import collection
from flows.collection import CollectionFile
from flows.extent import look
from flows.found import Found
from flows.product import place, prepare
from flows.raster import opened
from flows.scope import Scope
from flows.sources import folder
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Unreachable, Unreadable
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings
from infrastructure.storage import Store, open_store
from tiling.assets import read_asset
from tiling.style import Style
from tiling.view import View

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "samples" / "itaipu"
STORY = ROOT / "flows" / "collections" / "itaipu.yaml"
SCENE = "LC08_L1TP_224077_20200518_20200518_01_RT"
SEALED = "http://127.0.0.1:1"
"""Nothing listens on a port that only the system may open."""


@pytest.fixture
def story() -> CollectionFile:
    """The collection of the samples."""
    return collection.load(STORY)


@pytest.fixture
def products(bucket: str) -> list[Found]:
    """The samples, found in a bucket."""
    store = open_store(f"{bucket}/in coming")
    for path in SAMPLES.rglob("*"):
        if path.is_file():
            store.put(path.relative_to(SAMPLES).as_posix(), path)
    return list(folder.search(Scope(), url=store.root))


@pytest.fixture
def store(bucket: str) -> Store:
    """The store, in the same bucket."""
    return open_store(f"{bucket}/store")


@pytest.fixture
def entry(products: list[Found], story: CollectionFile, store: Store) -> Entry:
    """The first scene, prepared."""
    return prepare(products[0], story, store, lambda *_: None)


def write(path: Path, value: int, size: int = 300) -> Path:
    """A raster whose blocks do not compress to the same size as another value's."""
    noise = np.random.default_rng(value).integers(0, value, (1, size, size), "uint16") + value
    profile = {
        "driver": "GTiff", "crs": "EPSG:32721", "transform": Affine(10, 0, 5e5, 0, -10, 7e6),
        "count": 1, "height": size, "width": size, "dtype": "uint16", "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(noise)
    return path


def test_a_bucket_is_a_source(products: list[Found], bucket: str) -> None:
    found = {product.upstream_id: product.files for product in products}
    assert sorted(found) == sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
    name = f"{SCENE}_B2.TIF"
    assert found[SCENE][name] == f"{bucket}/in coming/{SCENE}/{name}"
    again = list(folder.search(Scope(), url=f"{bucket}/in coming/"))
    assert [p.fingerprint for p in again] == [p.fingerprint for p in products]


def test_an_empty_or_missing_bucket_is_told_of(bucket: str) -> None:
    with pytest.raises(Unreadable, match="holds no products"):
        list(folder.search(Scope(), url=bucket))
    gone = bucket.replace("test-", "gone-")
    with pytest.raises(Unreachable, match=r"bucket does not exist$"):
        list(folder.search(Scope(), url=gone))


def test_what_a_harvest_makes_lands_in_the_bucket(entry: Entry, store: Store) -> None:
    assets: dict[str, dict[str, Any]] = entry.item["assets"]
    names = {"blue.tif", "green.tif", "red.tif", "thumbnail.png"}
    prefix = place("landsat8-itaipu", entry.item["id"], Found(entry.upstream_id, entry.fingerprint))
    assert {asset["href"] for asset in assets.values()} == {
        f"{store.root}/{prefix}/{name}" for name in names
    }
    listed = {meta["path"]: meta["size"] for meta in store.list()}
    assert set(listed) == {f"{prefix}/{name}" for name in names}
    for made in assets.values():
        key = store.key(made["href"])
        assert key
        assert made["file:size"] == listed[key]


def test_what_lies_in_the_bucket_is_what_was_there_before(entry: Entry) -> None:
    for key, band in {"blue": "B2", "green": "B3", "red": "B4"}.items():
        href = entry.item["assets"][key]["href"]
        with (
            opened(href) as made,
            rasterio.open(SAMPLES / SCENE / f"{SCENE}_{band}.TIF") as b,
        ):
            assert made.name.startswith("/vsis3/")
            assert cog_validate(made.name)[0]
            np.testing.assert_array_equal(made.read(), b.read())


def test_a_product_with_odd_names_is_read(bucket: str, tmp_path: Path) -> None:
    name = "Itaipú nº 1 #50%.tif"
    href = open_store(bucket).put(f"a b/{name}", write(tmp_path / "a.tif", 100))
    assert look(name, href).resolution == 10
    with opened(href) as source:
        assert source.read(1, window=Window(0, 0, 1, 1)).item() >= 100


def test_a_file_that_is_written_anew_is_read_anew(bucket: str, tmp_path: Path) -> None:
    store = open_store(bucket)
    style, window = Style(assets=("a",)), (slice(0, 256), slice(0, 256))
    view = View((5e5, 7e6 - 2560, 5e5 + 2560, 7e6), CRS.from_epsg(32721), 256, 256)
    for value, size in ((40, 500), (3000, 300), (500, 450)):
        path = write(tmp_path / "a.tif", value, size)
        href = store.put("a.tif", path)
        with rasterio.open(path) as source:
            there = source.read()
        with opened(href) as source:
            np.testing.assert_array_equal(source.read(), there)
        tile = read_asset(href, style, view, window)
        np.testing.assert_array_equal(tile[0], there[0, :256, :256])


def look_at(href: str) -> None:
    look("a.tif", href)


def enter(href: str) -> None:
    with opened(href):
        pass


@pytest.mark.parametrize("door", [look_at, enter])
def test_a_server_that_is_gone_does_not_condemn_the_product(
    bucket: str, monkeypatch: pytest.MonkeyPatch, door: Callable[[str], Any]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", SEALED)
    with pytest.raises(Unreachable, match=r"^a.tif: cannot be read: .*connect"):
        door(f"{bucket}/a.tif")


def test_a_product_that_is_missing_is_unreadable(bucket: str) -> None:
    with pytest.raises(Unreadable, match=r"a.tif"):
        look("a.tif", f"{bucket}/a.tif")


@pytest.fixture
async def client(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    database_environment: DatabaseSettings,  # noqa: ARG001 - sets the environment
) -> AsyncIterator[httpx.AsyncClient]:
    """The API over the store in the bucket."""
    monkeypatch.setenv("SWATH_STORAGE_URL", store.root)
    app = create_app()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://api.example"
        ) as client,
    ):
        yield client


@pytest.mark.platform
async def test_the_api_serves_the_bucket(
    catalogue: Catalogue,
    story: CollectionFile,
    entry: Entry,
    store: Store,
    client: httpx.AsyncClient,
) -> None:
    catalogue.put_collection(story.stac())
    register(catalogue, story.id, [entry])
    name = entry.item["id"]
    answer = await client.get(f"/collections/{story.id}/items/{name}")
    assert "s3://" not in answer.text
    public = answer.json()["assets"]["red"]["href"]
    key = store.key(entry.item["assets"]["red"]["href"])
    assert key
    assert public == f"http://api.example/assets/{key}"
    whole = b"".join(store.read(key))
    part = await client.get(public, headers={"Range": "bytes=100-4095"})
    assert (part.status_code, part.content) == (206, whole[100:4096])
    assert part.headers["content-range"] == f"bytes 100-4095/{len(whole)}"
    full = await client.get(public)
    assert (full.status_code, full.content) == (200, whole)
    known = await client.get(public, headers={"If-None-Match": full.headers["etag"]})
    assert known.status_code == 304
    assert (await client.get(f"/assets/{story.id}/{name}/none.tif")).status_code == 404
