"""Software and lineage: what the product tells, and what was done after it."""

from importlib.metadata import version
from pathlib import Path

import pystac
import pytest
import rasterio

from enriching import checked, item_of, shelf_in
from flows.enrich import processing
from infrastructure.errors import Invalid
from infrastructure.storage import Shelf

OURS = {
    "Swath": version("swath"),
    "GDAL": rasterio.__gdal_version__,
    "Pillow": version("pillow"),
    "rio-cogeo": version("rio-cogeo"),
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def test_the_products_own_processing_stays_and_ours_is_told_once(shelf: Shelf) -> None:
    item = item_of(
        {
            "red": (shelf.href("red.tif"), "data"),
            "blue": (shelf.href("blue.tif"), "data"),
            "far": ("https://example.org/far.tif", "data"),
            "thumbnail": (shelf.href("thumbnail.png"), "thumbnail"),
            "mtl": (shelf.href("mtl-LC08_MTL.txt"), "metadata"),
        },
        **{
            "processing:level": "L1C",
            "processing:facility": "ESA",
            "processing:software": {"Sentinel-2 IPF": "04.00"},
            "processing:lineage": "Orthorectified.",
        },
    )
    for key in ("red", "blue", "far"):
        item.assets[key].media_type = pystac.MediaType.COG
    document = checked(processing.enrich(item, shelf))
    assert document["properties"] == {
        "datetime": "2020-01-01T00:00:00Z",
        "processing:level": "L1C",
        "processing:facility": "ESA",
        "processing:software": {"Sentinel-2 IPF": "04.00", **OURS},
        "processing:lineage": (
            f"Orthorectified. Processed by Swath {version('swath')}: blue and red converted to "
            "cloud-optimised GeoTIFF; thumbnail drawn; mtl copied."
        ),
    }
    assert checked(processing.enrich(item, shelf)) == document


def test_a_sentence_of_an_older_version_is_replaced(shelf: Shelf) -> None:
    item = item_of({}, **{"processing:lineage": "Processed by Swath 0.0.9: red copied."})
    facts = processing.enrich(item, shelf).properties
    assert facts["processing:lineage"] == f"Processed by Swath {version('swath')}: files unchanged."
    assert facts["processing:software"] == {"Swath": version("swath")}


@pytest.mark.parametrize("field", ["processing:software", "processing:lineage"])
def test_what_is_told_in_another_form_is_refused(field: str, shelf: Shelf) -> None:
    with pytest.raises(Invalid, match=f"^i: {field} is no"):
        processing.enrich(item_of({}, **{field: ["x"]}), shelf)
