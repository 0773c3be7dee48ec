"""OData v4 of the Copernicus Data Space, and of other services of the Copernicus ground segment.

The protocol is OData 4.01 (OASIS), with the products, attributes and functions (`OData.CSC`) that
https://documentation.dataspace.copernicus.eu/APIs/OData.html describes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from flows.found import Found
from flows.scope import Scope
from flows.upstream import odata
from flows.upstream.keyset import Keyset
from infrastructure.catalogue import BBox

INCREMENTAL = True

TYPES = {str: "String", bool: "Boolean", int: "Integer", float: "Double"}
"""Type of an attribute, by that of its value."""


def search(  # noqa: PLR0913 - the options of a collection file
    scope: Scope,
    *,
    url: str = "https://catalogue.dataspace.copernicus.eu/odata/v1",
    collection: str | None = None,
    attributes: dict[str, str | int | float] | None = None,
    where: str | None = None,
    expand: tuple[str, ...] | list[str] = ("Attributes", "Assets"),
    changed: str = "ModificationDate",
    deletions: bool = True,
    page: int = 1000,
) -> Iterator[Found]:
    """Search an OData service for products, until the last.

    Place, time and what changed are asked of the service. Pages go on from the time of the last
    product of the page before, not by `$skip`, which ends at 10,000 and loses products when
    others are deleted meanwhile.

    A harvest of what changed also asks for the products that were deleted since, where the
    service tells (`DeletedProducts`). A product that is not online is not deleted: it is in the
    archive, and can be ordered.

    Args:
        scope: What the harvest asks for.
        url: Root of the service.
        collection: Name of a collection of the service, such as `SENTINEL-2`.
        attributes: Values that attributes must have, such as `productType: S2MSI2A`.
        where: Further condition, in the language of `$filter`.
        expand: What of a product is asked for besides its own members.
        changed: Member with the time of a product's last change; `PublicationDate` for a service
            that has no `ModificationDate`.
        deletions: Whether to ask for deleted products. Say `false` for a service without them.
        page: Products per page; the Copernicus Data Space gives 1,000 at most.

    Raises:
        Unreachable: the service does not answer, or breaks off.
        Unreadable: it answers what is no OData, does not keep the order that it is asked for, or
            has more products of one moment than it lists.
    """
    scope.pushed.update({"since", "until", "bbox", "time"})
    common = [*_collection(collection), *_attributes(attributes or {}), *_place_and_time(scope)]
    own = [f"({where})"] if where else []
    asked = [*common, *own, *_between(changed, scope.since, scope.until)]
    order = changed if scope.since or scope.until else "PublicationDate"
    root = url.rstrip("/")
    listing = Keyset(scope, f"{root}/Products", asked, order, page, tuple(expand))
    for record in listing.records():
        yield odata.product(record, root, scope.mapping, changed)
    if scope.since and deletions:
        gone = [*common, *own, *_between("DeletionDate", scope.since, scope.until)]
        listing = Keyset(scope, f"{root}/DeletedProducts", gone, "DeletionDate", page)
        yield from map(odata.tombstone, listing.records())


def _collection(name: str | None) -> list[str]:
    return [f"Collection/Name eq {_literal(name)}"] if name else []


def _attributes(wanted: dict[str, str | int | float]) -> list[str]:
    conditions = []
    for name, value in wanted.items():
        kind = f"OData.CSC.{TYPES[type(value)]}Attribute"
        same = f"att/Name eq {_literal(name)} and att/{kind}/Value eq {_literal(value)}"
        conditions.append(f"Attributes/{kind}/any(att:{same})")
    return conditions


def _place_and_time(scope: Scope) -> list[str]:
    first, last = scope.time or (None, None)
    conditions = [_place(scope.bbox)] if scope.bbox else []
    conditions += [f"ContentDate/Start le {_utc(last)}"] if last else []
    return conditions + ([f"ContentDate/End ge {_utc(first)}"] if first else [])


def _place(bbox: BBox) -> str:
    """Products that meet a box; across the antimeridian, either of its halves."""
    west, south, east, north = bbox
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    rings = (f"{w} {south},{e} {south},{e} {north},{w} {north},{w} {south}" for w, e in halves)
    areas = (f"area=geography'SRID=4326;POLYGON(({ring}))'" for ring in rings)
    return f"({' or '.join(f'OData.CSC.Intersects({area})' for area in areas)})"


def _between(name: str, since: datetime | None, until: datetime | None) -> list[str]:
    conditions = [f"{name} ge {_utc(since)}"] if since else []
    return conditions + ([f"{name} lt {_utc(until)}"] if until else [])


def _literal(value: str | float) -> str:
    if isinstance(value, str):
        return "'{}'".format(value.replace("'", "''"))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
