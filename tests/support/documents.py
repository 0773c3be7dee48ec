"""Documents of STAC that many tests need."""

from typing import Any


def collection(name: str) -> dict[str, Any]:
    """A STAC Collection."""
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "description": "A collection",
        "license": "other",
        "links": [],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["1970-01-01T00:00:00Z", None]]},
        },
    }
