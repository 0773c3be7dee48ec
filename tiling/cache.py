"""The folder of tiles: `{cache}/{collection}/{version}/{layer}/{grid}/{z}/{x}/{y}.png`."""

import logging
import shutil
from pathlib import Path
from uuid import uuid4

log = logging.getLogger(__name__)


def trees(cache: Path, collection: str) -> dict[int, Path]:
    """Version -> its tree of tiles, the oldest first."""
    folder = cache / collection
    if not folder.is_dir():
        return {}
    found = {int(path.name): path for path in folder.iterdir() if path.name.isdecimal()}
    return dict(sorted(found.items()))


def sweep(cache: Path, collection: str, version: int) -> int:
    """Remove the trees before a version but for the last of them; how many those were.

    Another process may serve the version before for a second more, so that one stays.
    """
    old = [path for number, path in trees(cache, collection).items() if number < version][:-1]
    for path in old:
        _remove(path)
    return len(old)


def purge(cache: Path, collection: str) -> int:
    """Remove every kept tile of a collection; how many those were."""
    found = trees(cache, collection).values()
    tiles = sum(1 for path in found for _ in path.glob("*/*/*/*/*.png"))
    drop(cache, collection)
    log.info("collection %s: %d tiles removed", collection, tiles)
    return tiles


def drop(cache: Path, collection: str) -> None:
    """Remove every tree of a collection."""
    for path in trees(cache, collection).values():
        _remove(path)


def _remove(tree: Path) -> None:
    """Remove a tree that somebody may be writing to: they go on in a new one of that name."""
    gone = tree.with_name(f".{tree.name}-{uuid4().hex}")
    try:
        tree.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone)
