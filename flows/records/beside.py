"""Metadata records that lie beside the images of a product."""

from collections.abc import Iterator

from flows.packages.content import read
from flows.records.standards import known


def beside(files: dict[str, str], standard: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of the records of a standard among a product's files.

    Those in folders below the product's own are not looked at.

    Raises:
        Unreachable: a file cannot be fetched.
    """
    for name, href in sorted(files.items()):
        if name.lower().endswith(".xml") and "/" not in name:
            content = read(href)
            if known(content) == standard:
                yield name, content
