"""NAIP quarter quadrangles: an aerial image with its record of the FGDC or ISO 19115-2.

USDA National Agriculture Imagery Program, https://naip-usdaonline.hub.arcgis.com. Only days are
known: `datetime` is null, and the item spans the day of its name, or the days around it that the
record tells, in UTC. Days of a record that do not hold that of the name are not taken: some have
those of a template.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pystac

from flows import assets
from flows.extent import Raster, look, outline
from flows.found import Found
from flows.identifiers import safe
from flows.naip import metadata
from flows.naip.metadata import Told
from flows.packages.content import read as read_file
from flows.records import known
from infrastructure.errors import Unreadable

NAME = re.compile(
    r"(?P<name>m_(?P<quad>\d{7})_(?P<quarter>ne|nw|se|sw)_(?P<zone>\d{1,2})_(?P<gsd>\d{1,3}|h)"
    r"_(?P<day>\d{8}))(?=[_.-])",
    re.IGNORECASE,
)
"""Quadrangle, its quarter, UTM zone, size of a pixel, day of the photograph."""

BANDS = (("Red", "red"), ("Green", "green"), ("Blue", "blue"), ("NIR", "nir"))

ROLES = {"fgdc": ("fgdc",)}
"""Standard of a record -> further roles of its asset; those of ISO have `iso-19115`."""


def recognises(found: Found) -> bool:
    """Whether an image has such a name."""
    return any(assets.is_raster(name) and NAME.match(name) for name in found.files)


def read(found: Found) -> pystac.Item:
    """Make an item of a quarter quadrangle; its record is kept as it came.

    Raises:
        Unreadable: several images, a damaged one, or a day that there is not.
        Unreachable: a file cannot be fetched.
    """
    images = [name for name in sorted(found.files) if assets.is_raster(name) and NAME.match(name)]
    if len(images) > 1:
        raise Unreadable(f"{found.upstream_id}: several images: {', '.join(images)}")
    name = images[0]
    told = NAME.match(name)
    if told is None:
        raise Unreadable(f"{name}: no name of a quarter quadrangle")
    raster = look(name, found.files[name])
    geometry, bbox = outline([raster])
    records = list(_records(found))
    record = next((record for *_, record in records if record), None)
    item = pystac.Item(
        id=safe(told["name"].lower()),
        geometry=geometry,
        bbox=bbox,
        datetime=None,
        properties={**_days(told["day"], name, record), **_properties(told), **_told(record)},
    )
    item.add_asset("image", _image(raster, found.files[name], item))
    for key, asset, _ in records:
        item.add_asset(key, asset)
    return item


def _days(told: str, subject: str, record: Told | None) -> dict[str, str]:
    try:
        day = datetime.strptime(told, "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError as error:
        raise Unreadable(f"{subject}: no date in its name: {error}") from error
    spans = [(_day(first), _day(last)) for first, last in record.days] if record else []
    around = ((a, b) for a, b in spans if a and b and a <= day <= b)
    first, last = next(around, (day, day))
    return {"start_datetime": f"{first}T00:00:00Z", "end_datetime": f"{last}T23:59:59Z"}


def _day(told: str) -> date | None:
    """A day as YYYYMMDD or YYYY-MM-DD, with or without a time."""
    try:
        return date.fromisoformat(told.partition("T")[0])
    except ValueError:
        return None


def _told(record: Told | None) -> dict[str, Any]:
    """What the record says that the name does not; what it does not say is left out."""
    if record is None:
        return {}
    published = _day(record.published or "")
    told = {
        "title": record.title,
        "naip:state": record.state,
        "providers": [{"name": name, "roles": ["producer"]} for name in record.producers],
        "published": f"{published}T00:00:00Z" if published else None,
    }
    return {name: value for name, value in told.items() if value}


def _properties(told: re.Match[str]) -> dict[str, Any]:
    return {
        "gsd": _metres(told["gsd"]),
        "naip:year": told["day"][:4],
        "naip:quadrangle": told["quad"],
        "naip:quarter": told["quarter"].lower(),
    }


def _metres(told: str) -> float:
    """`1` and `2` are metres, `060` and `030` centimetres, `h` is half a metre."""
    if told.lower() == "h":
        return 0.5
    return int(told) / 100 if len(told) == 3 else float(told)


def _image(raster: Raster, href: str, item: pystac.Item) -> pystac.Asset:
    names = BANDS[: raster.count] if raster.count in {3, 4} else ()
    bands = [{"name": name, "eo:common_name": common} for name, common in names]
    fields: dict[str, Any] = {"bands": bands} if bands else {}
    title = "RGB and near infrared" if raster.count == 4 else raster.name
    asset = assets.data(raster, href, title, **fields)
    asset.extra_fields["gsd"] = item.properties["gsd"]
    if raster.metric:
        asset.extra_fields["raster:spatial_resolution"] = raster.resolution
    return asset


def _records(found: Found) -> Iterator[tuple[str, pystac.Asset, Told | None]]:
    """Key and asset of each record, and what it tells; the first is `metadata`."""
    names = [name for name in sorted(found.files) if name.lower().endswith((".xml", ".txt"))]
    for number, name in enumerate(names):
        content = read_file(found.files[name])
        standard = known(content) or ""
        roles = ("iso-19115",) if standard.startswith("iso") else ROLES.get(standard, ())
        key = "metadata" if number == 0 else f"metadata_{number + 1}"
        asset = assets.metadata(name, found.files[name], "Metadata", *roles)
        yield key, asset, metadata.parse(name, content)
