"""Files held against a manifest: what is missing, and whether the rest is what it should be."""

from flows.integrity.entry import Entry
from flows.integrity.folder import Folder
from flows.integrity.manifests import Manifest
from infrastructure.errors import Unreadable


def missing(manifest: Manifest) -> list[str]:
    """The paths that a manifest names and that are not there; all others are as it says.

    Sizes are looked at before any file is read. What is read, is read piece by piece.

    Raises:
        Unreadable: a file differs, or its archive is damaged; the message names it and says how.
        Unreachable: a file's store or server does not answer.
    """
    sizes = manifest.folder.sizes(entry.path for entry in manifest.entries)
    there = [entry for entry in manifest.entries if entry.path in sizes]
    _refuse(manifest, _of_other_sizes(there, sizes))
    _refuse(manifest, _of_other_digests(there, manifest.folder))
    return sorted({entry.path for entry in manifest.entries} - sizes.keys())


def _of_other_sizes(entries: list[Entry], sizes: dict[str, int]) -> list[str]:
    return [
        f"{entry.path} has {sizes[entry.path]} bytes instead of {entry.size}"
        for entry in entries
        if entry.size not in {None, sizes[entry.path]}
    ]


def _of_other_digests(entries: list[Entry], folder: Folder) -> list[str]:
    return [
        f"{entry.path} has the {entry.algorithm} checksum {found} instead of {entry.digest}"
        for entry, found in folder.digests([entry for entry in entries if entry.algorithm])
        if found != entry.digest
    ]


def _refuse(manifest: Manifest, differences: list[str]) -> None:
    """Say what differs of the first file, and of how many more."""
    if differences:
        others = len(differences) - 1
        more = f", and {others} more {'file differs' if others == 1 else 'files differ'}"
        said = f"{differences[0]}{more if others else ''}"
        raise Unreadable(f"{manifest.name} and the files are not the same: {said}")
