"""The words of other Earth-observation catalogues, and the STAC properties that they are.

They are those of the EO extension of OpenSearch (OGC 13-026r8) and of Resto after it, of EO
dataset metadata in GeoJSON (OGC 17-003r2), of Observations & Measurements for Earth Observation
(OGC 10-157r4) and of the product attributes of the Copernicus ground segment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.upstream import values


@dataclass(frozen=True)
class Term:
    """Where a STAC property is found, and how its value is read."""

    names: tuple[str, ...]
    """The first that has a value counts; see `Members.find`."""
    read: Callable[[Any], Any]


def _end(value: Any) -> str | None:
    return values.moment(value, end=True)


TERMS: dict[str, Term] = {
    "title": Term(("title", "Name"), values.text),
    "description": Term(("description", "summary", "abstract"), values.text),
    "keywords": Term(("keywords", "category@term"), values.texts),
    "start_datetime": Term(
        (
            "startDate",
            "beginningDateTime",
            "ContentDate.Start",
            "sensingStartDate",
            "TimePeriod.beginPosition",
        ),
        values.moment,
    ),
    "end_datetime": Term(
        (
            "completionDate",
            "endingDateTime",
            "ContentDate.End",
            "sensingStopDate",
            "TimePeriod.endPosition",
        ),
        _end,
    ),
    "published": Term(("published", "PublicationDate", "availabilityTime"), values.moment),
    "updated": Term(("updated", "ModificationDate", "modificationDate"), values.moment),
    "platform": Term(
        ("platform", "platformShortName", "Platform.shortName"),
        values.platform,
    ),
    "instruments": Term(
        ("instrument", "instrumentShortName", "Instrument.shortName"), values.instruments
    ),
    "gsd": Term(("resolution", "spatialResolution"), values.positive),
    "eo:cloud_cover": Term(("cloudCover", "cloudCoverPercentage", "cloudCoverage"), values.percent),
    "eo:snow_cover": Term(("snowCover", "snowCoverPercentage"), values.positive),
    "sat:absolute_orbit": Term(("startOrbitNumber", "orbitNumber"), values.count),
    "sat:relative_orbit": Term(("relativeOrbitNumber",), values.count),
    "sat:orbit_state": Term(("orbitDirection",), values.orbit_state),
    "sar:instrument_mode": Term(("sensorMode", "operationalMode"), values.text),
    "sar:polarizations": Term(
        ("polarisationChannels", "polarisation", "polarizations"), values.polarisations
    ),
    "view:sun_azimuth": Term(("illuminationAzimuthAngle",), values.degrees),
    "view:sun_elevation": Term(("illuminationElevationAngle",), values.degrees),
    "processing:level": Term(("processingLevel",), values.level),
    "processing:facility": Term(("processingCenter",), values.text),
    "processing:datetime": Term(("processingDate",), values.moment),
    "product:type": Term(("productType",), values.text),
    "grid:code": Term(("tileId", "tileIdentifier", "mgrs"), values.tile),
}

INTERVALS = ("date", "dc:date", "time")
"""Where a time or an interval (`start/end`) stands that has no more exact name."""

SERIALS = ("platformSerialIdentifier", "Platform.serialIdentifier")
"""The letter of a satellite of a series."""

RADARS = {"sar", "c-sar", "sar-c", "asar", "psar", "palsar", "sar-x"}
"""Instruments whose sensor mode is SAR's."""
