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

CONVERTED, DRAWN, COPIED = "converted to cloud-optimised GeoTIFF", "drawn", "copied"

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
    deeds = _deeds(item, shelf)
    item.properties[SOFTWARE] = {**software, **_software(deeds)}
    item.properties[LINEAGE] = f"{OURS.sub('', lineage)} {_sentence(deeds)}".strip()
    extensions.add(item, SOFTWARE)
    return item


def _deeds(item: pystac.Item, shelf: Shelf) -> dict[str, list[str]]:
    """What was done -> the keys of the assets on the shelf that came of it."""
    ours = {key: a for key, a in sorted(item.assets.items()) if a.href.startswith(shelf.href(""))}
    made = [key for key, asset in ours.items() if file_name(asset.href) == _made(key, asset)]
    converted = [key for key in made if ours[key].media_type == pystac.MediaType.COG]
    deeds = {
        CONVERTED: converted,
        DRAWN: [key for key in made if key not in converted],
        COPIED: [key for key in ours if key not in made],
    }
    return {deed: keys for deed, keys in deeds.items() if keys}


def _made(key: str, asset: pystac.Asset) -> str:
    """The name that a step gives to a file that it makes: its asset's key and a suffix."""
    return f"{safe(key)}.{file_name(asset.href).rpartition('.')[2]}"


def _software(deeds: dict[str, list[str]]) -> dict[str, str]:
    """Swath, and what it did that with."""
    used = {"Swath": version("swath")}
    if deeds.keys() & {CONVERTED, DRAWN}:
        used["GDAL"] = rasterio.__gdal_version__
    if DRAWN in deeds:
        used["Pillow"] = version("pillow")
    if CONVERTED in deeds:
        used["rio-cogeo"] = version("rio-cogeo")
    return used


def _sentence(deeds: dict[str, list[str]]) -> str:
    told = [f"{_list(keys)} {deed}" for deed, keys in deeds.items()]
    return f"Processed by Swath {version('swath')}: {'; '.join(told) or 'files unchanged'}."


def _list(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
