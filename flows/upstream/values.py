"""Values as other catalogues write them, as STAC has them; nothing for what makes no sense."""

import calendar
import re
from datetime import UTC, datetime
from typing import Any

PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")

SENTINEL = re.compile(r"s(?:entinel)?[-_ ]?(\d)[-_ ]?(p|[a-d])?$")

LANDSAT = re.compile(r"l(?:c0?|andsat)?[-_ ]?(\d)$")

POLARISATION = re.compile(r"[HV]{2}")

LEVEL = re.compile(r"(?:s2msi|level[-_ ]?|l)?(\d[a-z]{0,2})$")

TILE = re.compile(r"T?(\d{2}[C-X][A-Z]{2})$")


def text(value: Any) -> str | None:
    """A text; of several, the first."""
    value = value[0] if isinstance(value, list) else value
    return value.strip() or None if isinstance(value, str) else None


def texts(value: Any) -> list[str] | None:
    """A list of texts, if it is one."""
    values = value if isinstance(value, list) else [value]
    return values if values and all(isinstance(part, str) and part for part in values) else None


def moment(value: Any, end: bool = False) -> str | None:
    """A time in UTC (RFC 3339); a time without a zone is UTC.

    Args:
        value: A time of ISO 8601, also a year, month or day.
        end: Whether a year, month or day is its last second instead of its first.
    """
    words = text(value)
    if words is None:
        return None
    partial = PARTIAL.match(words)
    if partial:
        return _partial(partial[1], partial[2], partial[3], end)
    try:
        time = datetime.fromisoformat(words)
    except ValueError:
        return None
    if words.endswith("Z") and "T" in words:
        return words
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _partial(year: str, month: str | None, day: str | None, end: bool) -> str | None:
    try:
        months = int(month or (12 if end else 1))
        last = calendar.monthrange(int(year), months)[1] if end else 1
        date = datetime(int(year), months, int(day or last), tzinfo=UTC)
    except ValueError:  # there is no such day
        return None
    return f"{date:%Y-%m-%d}T{'23:59:59' if end else '00:00:00'}Z"


def number(value: Any) -> float | None:
    """A number, also one that is written as text."""
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def percent(value: Any) -> float | None:
    """A number from 0 to 100; catalogues write -1 for what they do not know."""
    share = number(value)
    return share if share is not None and 0 <= share <= 100 else None


def positive(value: Any) -> float | None:
    """A number above 0; catalogues write 0 for what they do not know."""
    size = number(value)
    return size if size is not None and size > 0 else None


def count(value: Any) -> int | None:
    """A whole number above 0; see `positive`."""
    size = positive(value)
    return int(size) if size is not None and size == int(size) else None


def degrees(value: Any) -> float | None:
    """An angle from -90 to 360 degrees."""
    angle = number(value)
    return angle if angle is not None and -90 <= angle <= 360 else None


def platform(value: Any) -> str | None:
    """A platform as STAC writes it: `sentinel-2a` of `S2A`, `landsat-8` of `LANDSAT8`."""
    words = (text(value) or "").lower()
    sentinel, landsat = SENTINEL.match(words), LANDSAT.match(words)
    if sentinel:
        return f"sentinel-{sentinel[1]}{sentinel[2] or ''}"
    if landsat:
        return f"landsat-{landsat[1]}"
    return words.replace(" ", "-") or None


def instruments(value: Any) -> list[str] | None:
    """Instruments as STAC writes them: a list in lower case."""
    names = texts(value)
    parts = [part for name in names or () for part in re.split(r"[_/, ]+", name.lower()) if part]
    return parts or None


def level(value: Any) -> str | None:
    """A processing level: `L1C` of `S2MSI1C`, `LEVEL1C`, `Level-1C` and `1C`."""
    words = text(value) or ""
    known = LEVEL.match(words.lower())
    return f"L{known[1].upper()}" if known else words or None


def orbit_state(value: Any) -> str | None:
    """Direction of the orbit."""
    words = (text(value) or "").lower()
    return words if words in {"ascending", "descending", "geostationary"} else None


def polarisations(value: Any) -> list[str] | None:
    """Polarisations: `VV` and `VH` of `VV&VH`, `VV, VH` and `VV/VH`."""
    names = texts(value)
    return POLARISATION.findall(" ".join(names).upper()) or None if names else None


def tile(value: Any) -> str | None:
    """The code of a Sentinel-2 tile in the Military Grid Reference System."""
    known = TILE.match(text(value) or "")
    return f"MGRS-{known[1]}" if known else None
