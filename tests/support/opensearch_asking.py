"""What an OpenSearch source gives."""

from collections.abc import Callable
from typing import Any

from flows.found import Found
from flows.readers import stac
from flows.validate import valid

Json = dict[str, Any]


Answer = tuple[int, dict[str, str], bytes]


Serve = Callable[[Callable[[str, str, bytes], Answer]], str]


GEOJSON = {"Content-Type": "application/json"}


def item(found: Found) -> Json:
    """The STAC Item as a harvest registers it: read, and valid by STAC's core schema."""
    read = stac.read(found)
    read.collection_id = "c"
    return valid(read.to_dict(include_self_link=False, transform_hrefs=False))
