"""Any rasters that GDAL reads; the time comes from a tag or a name, or the product is refused."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

import pystac

from flows import assets
from flows.elements import moment
from flows.extent import Raster, look, outline
from flows.found import Found
from flows.identifiers import safe
from infrastructure.errors import Misconfigured, Unreadable

ACQUISITION_TAGS = ("ACQUISITIONDATETIME", "ACQUISITION_DATETIME", "ACQUISITION_DATE")
CREATION_TAG = "TIFFTAG_DATETIME"
"""When the file was written, says TIFF 6.0; some write the acquisition into it. Asked last."""

UNITS = ("year", "month", "day", "hour", "minute", "second")

IN_NAMES = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<separator>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=separator)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?:[T_-]?(?P<hour>[01]\d|2[0-3]):?(?P<minute>[0-5]\d)"
    r"(?::?(?P<second>[0-5]\d))?Z?)?(?!\d)"
)
"""A date, perhaps with a time, between characters that are no digits."""

IN_TAGS = re.compile(
    r"(?P<year>\d{4})[-:](?P<month>\d\d)[-:](?P<day>\d\d)"
    r"(?:[ T](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?)?"
)


def recognises(found: Found) -> bool:
    """Whether one of the files has a raster's suffix."""
    return any(assets.is_raster(name) for name in found.files)


def read(found: Found, pattern: str | None = None, time: str | None = None) -> pystac.Item:
    """Make an item of rasters that belong together.

    Args:
        found: The product; its files with a raster's suffix become assets.
        pattern: Regular expression with the group year and, as far as known, month, day, hour,
            minute and second (UTC); searched in the product's name and its files' names. Without it
            tags of the acquisition are asked, then the names for a date such as 20200518 or
            2020-05-18, then the tag of the file's making.
        time: What to take where none of these is found, such as for a model of the terrain: a
            moment of RFC 3339, or two with a slash between them.

    Raises:
        Unreadable: a file is no raster, is damaged or lies nowhere, or there is no date.
    """
    rasters = {
        name: look(name, href)
        for name, href in sorted(found.files.items())
        if assets.is_raster(name)
    }
    when = _moment(found, list(rasters.values()), pattern, time)
    geometry, bbox = outline(list(rasters.values()))
    item = pystac.Item(
        id=safe(_stem(found.upstream_id)),
        geometry=geometry,
        bbox=bbox,
        datetime=None if isinstance(when, dict) else when,
        properties=when if isinstance(when, dict) else {},
    )
    for name, raster in rasters.items():
        key = safe(_stem(name)) if len(rasters) > 1 else "data"
        key = safe(name) if key in item.assets else key
        item.add_asset(key, assets.data(raster, found.files[name], name))
    return item


def _stem(name: str) -> str:
    """The path without a raster's suffix."""
    return str(PurePosixPath(name).with_suffix("")) if assets.is_raster(name) else name


def _moment(
    found: Found, rasters: list[Raster], pattern: str | None, fallback: str | None
) -> datetime | dict[str, str]:
    """A moment, or start and end of the day, month or year where only that is known (UTC)."""
    for match in _matches(found, rasters, pattern):
        parts = {k: int(v) for k, v in match.groupdict().items() if k in UNITS and v}
        try:
            return _time(parts)
        except (KeyError, ValueError):  # no year, or a 31st of April
            continue
    if fallback is None:
        raise Unreadable(f"{found.upstream_id}: no acquisition date in its tags or names")
    start, _, end = fallback.partition("/")
    moments = [when for text in (start, end or start) if (when := moment(text))]
    if len(moments) < 2:
        raise Misconfigured(f"geotiff: time: '{fallback}' is no time or interval of RFC 3339")
    first, last = (when.astimezone(UTC).isoformat().replace("+00:00", "Z") for when in moments)
    return {"start_datetime": first, "end_datetime": last} if end else moments[0]


def _time(parts: dict[str, int]) -> datetime | dict[str, str]:
    year, month, day = parts["year"], parts.get("month"), parts.get("day")
    if month and day and "hour" in parts:
        clock = (parts["hour"], parts.get("minute", 0), parts.get("second", 0))
        return datetime(year, month, day, *clock, tzinfo=UTC)
    first = date(year, month or 1, day or 1)
    last_month = month or 12
    last = date(year, last_month, day or monthrange(year, last_month)[1])
    return {"start_datetime": f"{first}T00:00:00Z", "end_datetime": f"{last}T23:59:59Z"}


def _matches(found: Found, rasters: list[Raster], pattern: str | None) -> Iterator[re.Match[str]]:
    names = [found.upstream_id, *(raster.name for raster in rasters)]
    if pattern:
        yield from (match for name in names if (match := re.search(pattern, name)))
        return
    tags = [{key.upper(): value for key, value in raster.tags.items()} for raster in rasters]
    yield from _in_tags(tags, ACQUISITION_TAGS)
    yield from (match for name in names for match in IN_NAMES.finditer(name))
    yield from _in_tags(tags, (CREATION_TAG,))


def _in_tags(tags: list[dict[str, str]], names: tuple[str, ...]) -> Iterator[re.Match[str]]:
    for of_raster in tags:
        yield from (match for name in names if (match := IN_TAGS.match(of_raster.get(name, ""))))
