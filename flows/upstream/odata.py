"""Products in OData v4, as the Copernicus ground segment publishes them (ESA-EOPG-EOPGC-IF-3)."""

from typing import Any

import orjson

from flows.found import Found
from flows.stac import items
from flows.upstream import links
from flows.upstream.checksum import strongest
from flows.upstream.geometry import of_wkt
from flows.upstream.item import Foreign, product_name, stac
from flows.upstream.page import whole
from flows.upstream.record import found

Json = dict[str, Any]

DOUBLES = frozenset({"Footprint", "GeoFootprint", "@odata.mediaContentType", "Assets"})
"""Members that the geometry and the assets say already."""


def product(record: Any, url: str, mapping: dict[str, str], changed: str) -> Found:
    """What a source found, of a product.

    Args:
        record: The product, with its attributes if they were asked for.
        url: Root of the service.
        mapping: STAC property -> where the product has it: a member, or an attribute.
        changed: Name of the member with the time of its last change.
    """
    original = orjson.dumps(record)
    if not isinstance(record, dict):
        return items.broken(f"no-record-{items.digest(record)}", "it is no JSON object", original)
    return found(
        record.get("Id"),
        original,
        lambda: stac(_foreign(record, url), mapping),
        items.moment(record.get(changed)),
    )


def tombstone(record: Json) -> Found:
    """What a source found, of a product that was deleted."""
    moment = items.moment(record.get("DeletionDate"))
    return Found(str(record["Id"]), items.digest(record), deleted=True, changed=moment)


def _foreign(record: Json, url: str) -> Foreign:
    return Foreign(
        name=product_name(record["Name"]),
        members={**record, "Attributes": _attributes(record.get("Attributes"))},
        geometry=_geometry(record),
        links=[links.link("self", f"{url}/Products({record['Id']})", {"type": "application/json"})],
        assets=_assets(record, url),
        elsewhere=DOUBLES | ({"Attributes"} if not record.get("Attributes") else frozenset()),
    )


def _attributes(attributes: Any) -> Json:
    """Attributes by name; their types are in the values."""
    entries = [entry for entry in attributes or () if isinstance(entry, dict)]
    return {str(entry["Name"]): entry.get("Value") for entry in entries}


def _geometry(record: Json) -> Json | None:
    shape, footprint = record.get("GeoFootprint"), record.get("Footprint")
    if isinstance(shape, dict) and shape:
        return shape
    return of_wkt(footprint) if isinstance(footprint, str) and footprint else None


def _assets(record: Json, url: str) -> dict[str, Json]:
    """The product and its pictures."""
    size, path = whole(record.get("ContentLength")), record.get("S3Path") or ""
    data = links.asset(
        f"{url}/Products({record['Id']})/$value",
        "data",
        record.get("ContentType"),
        **{
            "file:size": size if size and size > 0 else None,
            "file:checksum": strongest(record.get("Checksum")),
            "alternate": {"s3": {"href": f"s3:/{path}"}} if path.startswith("/") else None,
        },
    )
    assets = {"product": data}
    for picture in record.get("Assets") or ():
        if href := links.whole(picture.get("DownloadLink"), url):
            role = "thumbnail" if "THUMB" in str(picture.get("Type")).upper() else "overview"
            key = str(picture.get("Type") or role).lower()
            links.add(assets, key, links.asset(href, role))
    return assets
