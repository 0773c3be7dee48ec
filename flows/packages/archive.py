"""A product that came as one archive, seen as the files in it: readers need not know."""

from dataclasses import replace

from flows.found import Found
from flows.packages.content import members
from flows.packages.names import fault
from infrastructure import archives


def unpacked(found: Found) -> Found:
    """The product with the files of its archive instead of the archive; nothing is unpacked.

    The folder that all of them lie in, if there is one, is left out of their names. A product
    that is no archive, or more than one, comes back as it is.

    Raises:
        Unreadable: the archive is damaged, encrypted, or has too many files.
        Unreachable: the store or server does not answer.
    """
    packed = [(name, kind) for name in found.files if (kind := archives.kind(name))]
    if len(packed) != 1:
        return found
    name, kind = packed[0]
    href = found.files[name]
    inner = [path for path in sorted(members(href, kind)) if _is_plain(path)]
    above = _common(inner)
    files = {path[above:]: archives.inside(kind, href, path) for path in inner}
    beside = {other: address for other, address in found.files.items() if other != name}
    return replace(found, files={**beside, **files})


def _is_plain(path: str) -> bool:
    """Whether a path leads into the archive, to a file that belongs to the product."""
    parts = path.split("/")
    return not (fault(path) or {"", "..", "__MACOSX"} & set(parts) or parts[-1].startswith("."))


def _common(paths: list[str]) -> int:
    """Length of the folder, with its slash, that all of the paths begin with."""
    tops = {path.partition("/")[0] for path in paths}
    return len(tops.pop()) + 1 if len(tops) == 1 and all("/" in path for path in paths) else 0
