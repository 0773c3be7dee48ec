"""What the names of files and folders tell: which are packages, archives, or not finished yet."""

import re
import unicodedata
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

PACKAGES = (".safe", ".sen3", ".zarr")
"""Folders with such a name are one product with all that is below them."""

MANIFESTS = {"manifest.safe", "xfdumanifest.xml"}
"""A folder with such a file is one product with all that is below it, whatever its name."""

ARCHIVES = ("*.zip", "*.tar", "*.tgz", "*.tar.gz")
"""Each such file is a product."""

RASTERS = ("*.tif", "*.tiff", "*.jp2", "*.nc", "*.h5", "*.hdf", "*.img")
"""Each such file is a product, where files alone are products."""

TEMPORARY = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload")
"""What programs add to the names of files that they have not finished."""

SCENES = re.compile(
    r"L[COTEM]\d\d_L[12][A-Z]{2}_\d{6}_\d{8}_\d{8}_\d\d_(?:T1|T2|RT|A1|A2)(?=[_.])"
    r"|L[COTEM]\d{14}[A-Z]{3}\d\d(?=[_.])"  # Landsat before its collections
    r"|CBERS_4A?_[A-Z0-9]+_\d{8}_\d{3}_\d{3}_L\d[A-Z]?(?=_)"
    r"|(?:MOD|MYD|MCD|VNP|VJ[12])\d\d[A-Z0-9]+\.A\d{7}\.h\d\dv\d\d\.\d{3}\.\d{13}(?=[_.])"
    r"|OR_[A-Z0-9-]+_G\d\d_s\d{14}_e\d{14}_c\d{14}(?=[_.])"  # GOES
    r"|m_\d{7}_(?:ne|nw|se|sw)_\d{1,2}_\w{1,3}_\d{8}(?=[_.-])",  # NAIP
    re.IGNORECASE,
)
"""How the names of all files of a scene begin, of missions that deliver it in several files."""


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns fits, case ignored.

    A pattern with a slash is held against the whole path, others against its last part; `*` is
    anything, slashes too.
    """
    whole = path.lower()
    name = whole.rpartition("/")[2]
    return any(
        fnmatchcase(whole if "/" in pattern else name, pattern.lower()) for pattern in patterns
    )


def is_unfinished(name: str) -> bool:
    """Whether a file or folder is hidden or still being written, by its name."""
    return name.startswith(".") or name.lower().endswith(TEMPORARY)


def fault(name: str) -> str | None:
    """Why a name cannot be told to other systems, if so."""
    kinds = {unicodedata.category(character) for character in name}
    if "Cs" in kinds:
        return "its name is no UTF-8"
    return "its name has control characters" if "Cc" in kinds else None


def parent(path: str) -> str:
    """The folder that a path is in; nothing for the root."""
    return path.rpartition("/")[0]


def folders(folder: str) -> list[str]:
    """A folder and those around it, from the outermost in."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def package(path: str) -> str | None:
    """The outermost package folder, by its name, that a file is in."""
    around = folders(parent(path))
    return next((folder for folder in around if folder.lower().endswith(PACKAGES)), None)


def stem(path: str) -> str:
    """The path without its suffix, of which `.tar.gz` is one."""
    if path.lower().endswith(".tar.gz"):
        return path[: -len(".tar.gz")]
    return str(PurePosixPath(path).with_suffix(""))


def scene(path: str) -> str | None:
    """The path up to the end of a scene's name, if it begins with one."""
    folder, slash, name = path.rpartition("/")
    found = SCENES.match(name)
    return f"{folder}{slash}{found[0]}" if found else None


def block(path: str) -> str:
    """What files that can be one product have in common: a scene, or all to the first dot.

    In order of their paths, files of one block follow each other.
    """
    folder, slash, name = path.rpartition("/")
    return scene(path) or f"{folder}{slash}{name.partition('.')[0]}"


def bases(path: str) -> list[str]:
    """The base names that a file can have, from the longest on."""
    folder, slash, name = path.rpartition("/")
    parts = name.split(".")
    return [f"{folder}{slash}{'.'.join(parts[:n])}" for n in range(len(parts) - 1, 0, -1)]


def owners(anchors: list[str], scenes: bool) -> dict[str, str]:
    """Base name -> product, of the files of one folder that are products of their own.

    Args:
        anchors: Their paths, in order.
        scenes: Whether the files of a scene are one product.
    """
    named: dict[str, str] = {}
    for path in sorted(anchors, key=lambda path: (matches(path, ARCHIVES), path)):
        base = (scene(path) if scenes else None) or stem(path)
        if not matches(path, ARCHIVES):
            named.setdefault(base, base if scenes and scene(path) else path)
        else:
            named[path if base in named else base] = path
    return named


def owner(path: str, named: dict[str, str], scenes: bool) -> str | None:
    """The product that a file belongs to: itself, or the one whose base name its own begins with.

    Args:
        path: Path of the file.
        named: Of `owners`.
        scenes: Whether the files of a scene are one product.
    """
    candidates = [path, *bases(path), *([scene(path)] if scenes else [])]
    return next((named[base] for base in candidates if base in named), None)
