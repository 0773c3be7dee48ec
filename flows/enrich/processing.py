"""The STAC Processing extension (1.2): which software in which version, and what was done.

What the product tells of its own processing stays: its level, facility and software, and the
beginning of its lineage.
"""

import re
from importlib.metadata import version

import pystac
import rasterio

from flows import extensions
from flows.identifiers import safe
from flows.raster import file_name
from infrastructure.errors import Invalid
from infrastructure.storage import Shelf

SOFTWARE, LINEAGE = "processing:software", "processing:lineage"

OURS = re.compile(r"\s*Processed by Swath \d.*", re.DOTALL)
"""The sentence of an earlier run, at the end of a lineage."""


def enrich(item: pystac.Item, shelf: Shelf) -> pystac.Item:
    """Add the software to what the product tells, and a sentence to its lineage.

    The sentence is made from what lies on the item's shelf: what the steps before it put there.

    Args:
        item: The item.
        shelf: Its place in the store.

    Raises:
        Invalid: the software that the product tells is no object, or its lineage no text.
    """
    software, lineage = item.properties.get(SOFTWARE, {}), item.properties.get(LINEAGE, "")
    if not isinstance(software, dict):
        raise Invalid(f"{item.id}: {SOFTWARE} is no object of names and versions")
    if not isinstance(lineage, str):
        raise Invalid(f"{item.id}: {LINEAGE} is no text")
    item.properties[SOFTWARE] = {**software, **_software()}
    item.properties[LINEAGE] = f"{OURS.sub('', lineage)} {_sentence(item, shelf)}".strip()
    extensions.add(item, SOFTWARE)
    return item


def _software() -> dict[str, str]:
    return {
        "Swath": version("swath"),
        "GDAL": rasterio.__gdal_version__,
        "rio-cogeo": version("rio-cogeo"),
    }


def _sentence(item: pystac.Item, shelf: Shelf) -> str:
    """What was done, by the assets' keys."""
    ours = {key: asset for key, asset in item.assets.items() if _is_on(shelf, asset)}
    made = {key for key, asset in ours.items() if file_name(asset.href) == _made(key, asset)}
    rasters = [key for key in made if ours[key].media_type == pystac.MediaType.COG]
    deeds = {
        "converted to cloud-optimised GeoTIFF": rasters,
        "drawn": made.difference(rasters),
        "copied": ours.keys() - made,
    }
    told = [f"{_list(sorted(keys))} {deed}" for deed, keys in deeds.items() if keys]
    return f"Processed by Swath {version('swath')}: {'; '.join(told) or 'files unchanged'}."


def _is_on(shelf: Shelf, asset: pystac.Asset) -> bool:
    return asset.href.startswith(shelf.href(""))


def _made(key: str, asset: pystac.Asset) -> str:
    """The name that a step gives to a file that it makes: its asset's key and a suffix."""
    return f"{safe(key)}.{file_name(asset.href).rpartition('.')[2]}"


def _list(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
