"""What was measured, by what."""

from typing import Any

from infrastructure.metadata.mcf.subject import Subject

NANOMETRES = 1000
"""In a micrometre, which STAC has wavelengths in."""

Band = dict[str, Any]


def content_info(subject: Subject) -> dict[str, Any]:
    """Cloud cover in per cent, level of processing, and bands; of a collection no cloud cover."""
    one = {} if subject.is_collection else subject.told
    return {
        "type": "image",
        "cloud_cover": one.get("eo:cloud_cover"),
        "processing_level": next(iter(subject.many("processing:level")), None),
        "dimensions": _of_record(subject) if subject.is_record else _bands(subject),
    }


def acquisition(subject: Subject) -> dict[str, Any]:
    """Each platform with its instruments; of several it is not known which carries what."""
    instruments = subject.many("instruments")
    platforms = subject.many("platform")
    carried = [{"identifier": name, "type": None} for name in instruments]
    return {
        "instruments": instruments,
        "platforms": [
            {"identifier": name, "description": name, "instruments": carried} for name in platforms
        ],
    }


def _of_record(subject: Subject) -> list[Band]:
    names = {"minimum": "min", "maximum": "max", "unit": "units"}
    return [
        {names.get(key, key): value for key, value in band.items()}
        for band in subject.told.get("iso:bands", [])
    ]


def _bands(subject: Subject) -> list[Band]:
    """The bands of assets that are told with a name, each once."""
    assets = [*subject.assets.values(), *(subject.document.get("item_assets") or {}).values()]
    told = [subject.told, *assets]
    named = {
        band["name"]: band
        for teller in reversed(told)
        for band in reversed(teller.get("bands") or [])
        if band.get("name")
    }
    return [_band(band) for band in reversed(named.values())]


def _band(band: Band) -> Band:
    """Bounds in nanometres are half the width at half of the maximum around the centre."""
    known = {"name": band["name"], "description": band.get("description")
             or band.get("eo:common_name")}  # fmt: skip
    centre, width = band.get("eo:center_wavelength"), band.get("eo:full_width_half_max")
    if not (centre and width):
        return known
    least, most = ((centre + sign * width / 2) * NANOMETRES for sign in (-1, 1))
    return {**known, "min": round(least, 3), "max": round(most, 3), "units": "nm"}
