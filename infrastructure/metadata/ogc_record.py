"""Records of OGC API - Records, Part 1: Core (OGC 20-004r1, 8.2), made of STAC documents.

STAC Items and records are both GeoJSON Features, so all properties stay what they are called:
whatever finds an item in the STAC API finds its record.
"""

from typing import Any

Document = dict[str, Any]

CONFORMS_TO = ["http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"]

INSTANTS = ("datetime", "start_datetime", "end_datetime")


def of_item(item: Document, address: str) -> Document:
    """The record of an item, a data set; its id is that of its ISO record, `collection:item`.

    Args:
        item: The STAC Item as clients see it.
        address: The record's own address.
    """
    properties: Document = item["properties"]
    told = {name: value for name, value in properties.items() if name not in INSTANTS}
    return {
        "type": "Feature",
        "id": f"{item['collection']}:{item['id']}",
        "conformsTo": CONFORMS_TO,
        "time": _time(properties),
        "geometry": item.get("geometry"),
        "bbox": item.get("bbox"),
        "properties": {
            **told,
            "type": "dataset",
            "title": properties.get("title") or item["id"],
            "collection": item["collection"],
            "formats": _formats(item),
        },
        "links": [_own(address), *_related(item), *_files(item)],
    }


def of_collection(collection: Document, address: str) -> Document:
    """The record of a collection, a series of data sets.

    Args:
        collection: The STAC Collection as clients see it.
        address: The record's own address.
    """
    extent = collection["extent"]
    west, south, *_, east, north = _flat(extent["spatial"]["bbox"][0])
    start, end = extent["temporal"]["interval"][0]
    return {
        "type": "Feature",
        "id": collection["id"],
        "conformsTo": CONFORMS_TO,
        "time": {"interval": [start or "..", end or ".."]},
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [[west, south], [east, south], [east, north], [west, north], [west, south]]
            ],
        },
        "bbox": [west, south, east, north],
        "properties": {
            **{name: collection[name] for name in ("keywords", "license") if name in collection},
            "type": "series",
            "title": collection.get("title") or collection["id"],
            "description": collection.get("description"),
            "contacts": _contacts(collection.get("providers") or []),
        },
        "links": [_own(address), *_related(collection)],
    }


def _flat(box: list[float]) -> list[float]:
    """West, south, east, north of a box that may have heights."""
    half = len(box) // 2
    return [*box[:2], *box[half : half + 2]]


def _time(properties: Document) -> Document | None:
    if start := properties.get("start_datetime"):
        return {"interval": [start, properties.get("end_datetime") or ".."]}
    instant = properties.get("datetime")
    return {"timestamp": instant} if instant else None


def _own(address: str) -> Document:
    return {"rel": "self", "type": "application/geo+json", "href": address}


def _related(document: Document) -> list[Document]:
    """The other forms of the document, and what it is linked with."""
    hrefs = {link["rel"]: link["href"] for link in document["links"] if link["rel"] == "self"}
    stac = {
        "rel": "alternate",
        "type": "application/geo+json" if "properties" in document else "application/json",
        "title": "STAC document",
        "href": hrefs.get("self", ""),
    }
    own = {"self", "root", "parent", "collection", "item", "items", "child"}
    return [stac, *(link for link in document["links"] if link["rel"] not in own)]


def _files(item: Document) -> list[Document]:
    """Links to the files of an item, the thumbnail as a preview (IANA link relations)."""
    return [
        {
            "rel": "preview" if "thumbnail" in (asset.get("roles") or ()) else "enclosure",
            "title": asset.get("title") or name,
            "href": asset["href"],
            **({"type": asset["type"]} if asset.get("type") else {}),
        }
        for name, asset in (item.get("assets") or {}).items()
        if asset.get("href")
    ]


def _formats(item: Document) -> list[Document]:
    types = (asset.get("type") for asset in (item.get("assets") or {}).values())
    return [{"mediaType": kind} for kind in dict.fromkeys(filter(None, types))]


def _contacts(providers: list[Document]) -> list[Document]:
    return [
        {
            "organization": provider["name"],
            "roles": provider.get("roles") or [],
            "links": [{"rel": "about", "href": provider["url"]}] if provider.get("url") else [],
        }
        for provider in providers
    ]
