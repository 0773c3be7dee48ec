"""STAC Items in pygeometa's content model, the Metadata Control File (MCF 1.0).

https://geopython.github.io/pygeometa/reference/mcf/
"""

from datetime import UTC, datetime
from typing import Any

from infrastructure.errors import Invalid

WEB = ("https://", "http://")
"""Addresses that are for everyone; those of files and buckets stay out of a record."""

STRUCTURE = {"root", "parent", "child", "collection", "item", "items", "license"}
"""Link relations that are no way to the data: the catalogue's own, and the licence."""


def mcf(item: dict[str, Any], collection: dict[str, Any]) -> dict[str, Any]:
    """The same in pygeometa's content model, MCF 1.0, less what STAC does not know: no telephone.

    The box is west, south, east, north in degrees (WGS 84); west is greater than east where it
    crosses the antimeridian. Times are UTC.

    Raises:
        Invalid: the item has no bounding box or no date.
    """
    properties = item["properties"]
    begin, end = _period(item)
    written = properties.get("updated") or properties.get("created")
    return {
        "mcf": {"version": 1.0},
        "metadata": {
            "identifier": f"{collection['id']}:{item['id']}",
            "parentidentifier": collection["id"],
            "language": "eng",
            "language_alternate": None,
            "charset": "utf8",
            "hierarchylevel": "dataset",
            "datestamp": _utc(item, written) if written else end,
            "dataseturi": _link(item, "self").get("href"),
        },
        "spatial": {"datatype": "grid", "geomtype": "surface"},
        "identification": _identification(item, collection)
        | {
            "dates": {"creation": begin},
            "extents": {
                "spatial": [{"bbox": _bbox(item), "crs": 4326}],
                "temporal": [{"begin": begin, "end": end}],
            },
        },
        "contact": _contacts(properties.get("providers") or collection.get("providers") or []),
        "content_info": {
            "type": "image",
            "cloud_cover": properties.get("eo:cloud_cover"),
            "processing_level": properties.get("processing:level"),
            "dimensions": [],
        },
        "distribution": _distribution(item),
    }


def _identification(item: dict[str, Any], collection: dict[str, Any]) -> dict[str, Any]:
    properties = item["properties"]
    name = collection.get("title") or collection["id"]
    licence = _licence(item, collection)
    return {
        "title": properties.get("title") or f"{name}: {item['id']}",
        "abstract": properties.get("description") or collection["description"],
        "language": "eng",
        "charset": "utf8",
        "keywords": _keywords(properties, collection),
        "topiccategory": ["imageryBaseMapsEarthCover"],
        "status": "completed",
        "maintenancefrequency": "notPlanned",
        "accessconstraints": "otherRestrictions",
        "rights": licence["name"],
        "license": licence,
        "browsegraphic": next(
            (
                asset["href"]
                for asset in item["assets"].values()
                if "thumbnail" in asset.get("roles", []) and asset["href"].startswith(WEB)
            ),
            None,
        ),
    }


def _period(item: dict[str, Any]) -> tuple[str, str]:
    """Begin and end of the acquisition, the same for an instant."""
    properties = item["properties"]
    instant = properties.get("datetime")
    begin = properties.get("start_datetime") or instant
    end = properties.get("end_datetime") or instant
    if not (begin and end):
        raise Invalid(f"{item['id']}: neither datetime nor start_datetime and end_datetime")
    return _utc(item, begin), _utc(item, end)


def _utc(item: dict[str, Any], text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{item['id']}: '{text}' is no date and time of RFC 3339") from error
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.isoformat().replace("+00:00", "Z")


def _bbox(item: dict[str, Any]) -> list[str]:
    """West, south, east, north as decimals: XML Schema's `decimal` knows no exponents."""
    bbox = item.get("bbox")
    if not bbox:
        raise Invalid(f"{item['id']}: no bounding box")
    corners = bbox if len(bbox) == 4 else [bbox[0], bbox[1], bbox[3], bbox[4]]
    return [f"{degrees:.7f}".rstrip("0").rstrip(".") for degrees in corners]


def _keywords(properties: dict[str, Any], collection: dict[str, Any]) -> dict[str, Any]:
    """Themes, and by what the item was acquired."""
    groups = {
        "theme": [*(collection.get("keywords") or []), *(properties.get("keywords") or [])],
        "acquisition": [
            properties.get("constellation"),
            properties.get("platform"),
            *(properties.get("instruments") or []),
        ],
    }
    told = {name: [w for w in dict.fromkeys(words) if w] for name, words in groups.items()}
    return {
        name: {"keywords_type": "theme", "keywords": words} for name, words in told.items() if words
    }


def _licence(item: dict[str, Any], collection: dict[str, Any]) -> dict[str, str]:
    name = item["properties"].get("license") or collection.get("license") or ""
    link = _link(item, "license") or _link(collection, "license")
    return {"name": link.get("title") or name, "url": link.get("href", "")}


def _link(document: dict[str, Any], rel: str) -> dict[str, str]:
    """The first link of that relation into the web, or an empty one."""
    links: list[dict[str, str]] = document.get("links", [])
    return next((x for x in links if x["rel"] == rel and x["href"].startswith(WEB)), {})


def _contacts(providers: list[dict[str, Any]]) -> dict[str, Any]:
    """By role in ISO 19115: the data's, the distributor's, and the record's own contact."""
    producer = _provider(providers, "producer", "licensor", "processor")
    host = _provider(providers, "host", "licensor", "producer")
    contacts = {"custodian": host, "pointOfContact": producer}
    return contacts | ({"distributor": host} if providers else {})


def _provider(providers: list[dict[str, Any]], *roles: str) -> dict[str, str]:
    """The first provider of the first role that any has; else the first; else nobody."""
    ranked = [p for role in roles for p in providers if role in p.get("roles", [])]
    provider = next(iter(ranked or providers), {})
    return {"organization": provider.get("name", ""), "url": provider.get("url", "")}


def _distribution(item: dict[str, Any]) -> dict[str, Any]:
    """The assets, then the links, that lead into the web."""
    assets = {
        f"asset-{key}": {
            "url": asset["href"],
            "type": "WWW:DOWNLOAD-1.0-http--download",
            "name": asset.get("title") or key,
            "description": asset.get("description") or asset.get("type"),
            "function": "download",
        }
        for key, asset in item["assets"].items()
        if asset["href"].startswith(WEB)
    }
    links = {
        f"link-{number}": {
            "url": link["href"],
            "type": "WWW:LINK-1.0-http--link",
            "name": link.get("title") or link["rel"],
            "description": link.get("type"),
            "function": "information",
        }
        for number, link in enumerate(item.get("links", []))
        if link["href"].startswith(WEB) and link["rel"] not in STRUCTURE
    }
    return assets | links
