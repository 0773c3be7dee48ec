"""Landsat's metadata file (MTL) as a manifest: it names the files, and tells no sizes or sums."""

from flows.integrity.entry import Entry, inside
from flows.landsat import mtl

NAMES = mtl.SUFFIXES


def entries(manifest: str, href: str) -> list[Entry]:
    """The files of the product itself; those that it was made from are named there, too.

    Raises:
        Unreadable: the file is damaged.
        Unreachable: it cannot be fetched.
        Invalid: a name in it leads out of the product.
    """
    values = mtl.read(manifest, href)
    product = values.get("LANDSAT_PRODUCT_ID")
    return [
        Entry(inside(manifest, value))
        for key, value in values.items()
        if "FILE_NAME" in key and product and value.startswith(product)
    ]
