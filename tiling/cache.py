"""The folder of tiles: `{cache}/{collection}/{version}/{layer}/{grid}/{z}/{x}/{y}.png`.

Tiles of a period (`tiling.times`) stand in a folder `time-{period}` between grid and level.

A tree may be removed at any moment, while its tiles are read and written. So whoever draws holds
the folder that was there before the catalogue was asked, and keeps the tile in that very folder:
in a tree that was removed meanwhile it goes with the tree, and never shows in the one after it.
"""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

log = logging.getLogger(__name__)

ATTEMPTS = 10
"""How often a step is tried that others may cross."""


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
    tiles = sum(1 for path in found for _ in path.rglob("[0-9]*/[0-9]*/*.png"))
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
    for _ in range(ATTEMPTS):
        # Whoever holds a folder of it may add one more tile while it is being emptied.
        with suppress(OSError):
            shutil.rmtree(gone)
            return
    log.warning("%s is not removed: its files are in use", gone)


@contextmanager
def held(folder: Path) -> Iterator[int | None]:
    """A folder, made if need be, as a descriptor; None if there cannot be one.

    The descriptor stays with the folder when that is renamed or removed.
    """
    descriptor = _open(folder)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(folder: Path) -> int | None:
    for _ in range(ATTEMPTS):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("tiles are drawn, but not kept: %s", error)
            return None
    log.warning("tiles are drawn, but not kept: %s vanishes", folder)
    return None


def keep(folder: int, name: str, data: bytes, twin: str | None = None) -> bool:
    """Put a file into a held folder, whole or not at all; whether it is there.

    Args:
        folder: Descriptor of the folder, from `held`.
        name: Path of the file, from the folder.
        data: What is in it.
        twin: Path of a file with the same data, which is made once and linked to.
    """
    try:
        if twin is None:
            _write(folder, name, data)
        else:
            _link(folder, name, data, twin)
    except FileNotFoundError:
        log.info("a tile is not kept: its tree was removed while it was drawn")
        return False
    except OSError as error:
        log.warning("a tile is not kept: %s", error)
        return False
    return True


def _link(folder: int, name: str, data: bytes, twin: str) -> None:
    _make(folder, name)
    for _ in range(2):
        try:
            os.link(twin, name, src_dir_fd=folder, dst_dir_fd=folder)
        except FileNotFoundError:
            _write(folder, twin, data)
        except FileExistsError:
            return
        except OSError:
            break  # a file has no more than so many links
        else:
            return
    _write(folder, name, data)


def _write(folder: int, name: str, data: bytes) -> None:
    _make(folder, name)
    draft = f"{name}.{uuid4().hex}"
    try:
        with open(draft, "xb", opener=partial(os.open, mode=0o664, dir_fd=folder)) as file:
            file.write(data)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def _make(folder: int, name: str) -> None:
    """Make the folders above a file."""
    for parent in reversed(Path(name).parents[:-1]):
        with suppress(FileExistsError):
            os.mkdir(parent, dir_fd=folder)
