"""Parts of items (STAC API - Fields), for searches that pgstac itself cannot answer."""

from typing import Any

import orjson
from stac_fastapi.pgstac.utils import filter_fields


def narrowed(found: dict[str, Any], fields: Any) -> dict[str, Any]:
    """A page of whole items as one of those parts; links stay unless they are left out.

    Args:
        found: What `pages.page` made.
        fields: `include` and `exclude` of the search.
    """
    include, exclude = fields.include or set(), fields.exclude or set()
    features = []
    for item in map(orjson.loads, map(orjson.dumps, found["features"])):
        links = {} if "links" in exclude else {"links": item["links"]}
        features.append({**filter_fields(item, include, exclude), **links})
    return {**found, "features": features}
