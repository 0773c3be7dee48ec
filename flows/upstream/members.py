"""The members of a foreign record, found by the end of their path.

Catalogues put the same facts at different depths: `cloudCover` is a property at one, stands in
`productInformation` at the next, and in `opt:cloudCoverPercentage` of embedded XML at another.
"""

from collections.abc import Iterator
from typing import Any

EMPTY: tuple[Any, ...] = (None, "", [], {})

Path = tuple[str, ...]


class Members:
    """Every value of a JSON document, at any depth."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._values: dict[str, list[tuple[Path, Any]]] = {}
        for path, value in _walk(document, ()):
            self._values.setdefault(_local(path[-1]), []).append((path, value))

    def find(self, name: str) -> tuple[Path, Any] | None:
        """The value that is nearest to the root, of those that are not empty.

        Args:
            name: Names joined by dots, from any depth down. A prefix (`eo:`) may be left out, and
                so may the position in a list.

        Returns:
            Its whole path and the value.
        """
        steps = name.split(".")
        of_name = self._values.get(_local(steps[-1]), ())
        fitting = [m for m in of_name if m[1] not in EMPTY and _ends(m[0], steps)]
        return min(fitting, key=lambda member: len(member[0]), default=None)


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, (*path, str(key)))
    elif isinstance(value, list):
        for part in value:
            if isinstance(part, (dict, list)):
                yield from _walk(part, path)


def _ends(path: Path, steps: list[str]) -> bool:
    return len(path) >= len(steps) and all(
        step in (key, _local(key)) for key, step in zip(path[-len(steps) :], steps, strict=True)
    )


def _local(key: str) -> str:
    return key.rpartition(":")[2]
