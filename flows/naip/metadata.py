"""What the metadata beside a NAIP image tell: FGDC as text or XML, or ISO 19115-2."""

import re
from dataclasses import dataclass

from lxml import etree

from flows.records import known
from flows.records.elements import codes, every, text, texts
from flows.records.iso.extents import spans
from flows.records.standards import begin

SECTION = "Identification_Information"
"""With which FGDC metadata begin as text, after their root."""

LINE = re.compile(r"^[ \t]*([A-Z][A-Za-z/_-]+):[ \t]*(\S.*?)?[ \t]*$", re.MULTILINE)

STATE = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Told:
    """What metadata tell; None or nothing, where they do not."""

    title: str | None
    published: str | None
    """YYYYMMDD or YYYY-MM-DD."""
    days: list[tuple[str, str]]
    """First and last day of the acquisition, in the same forms."""
    producers: list[str]
    state: str | None
    """Two letters."""


def parse(name: str, content: bytes) -> Told | None:
    """What a file tells; None, if it holds no metadata of these kinds.

    Raises:
        Unreadable: it is damaged XML.
    """
    if not name.lower().endswith(".xml"):
        return _of_text(content.decode("utf-8", "replace"))
    kind = known(content) or ""
    if kind == "fgdc":
        return _of_fgdc(begin(content, name))
    return _of_iso(begin(content, name)) if kind.startswith("iso") else None


def _of_text(said: str) -> Told | None:
    """Metadata as `Element: value` by line; of several with one name the first counts."""
    if SECTION not in said:
        return None
    found: dict[str, list[str]] = {}
    for element, value in LINE.findall("\n".join(said.splitlines())):
        found.setdefault(element, []).append(value)
    single = [(day, day) for day in found.get("Calendar_Date", [])[:1] if day]
    pairs = zip(found.get("Beginning_Date", []), found.get("Ending_Date", []), strict=False)
    return Told(
        title=_first(found.get("Title", [])),
        published=_first(found.get("Publication_Date", [])),
        days=[*pairs, *single],
        producers=found.get("Originator", [])[:1],
        state=_state(found.get("Place_Keyword", [])),
    )


def _of_fgdc(root: etree._Element) -> Told:
    cite, time = "idinfo/citation/citeinfo", "idinfo/timeperd/timeinfo"
    single = [(day, day) for day in texts(root, f"{time}/sngdate/caldate")]
    spans = every(root, f"{time}/rngdates")
    days = [(text(span, "begdate") or "", text(span, "enddate") or "") for span in spans]
    return Told(
        title=text(root, f"{cite}/title"),
        published=text(root, f"{cite}/pubdate"),
        days=[*days, *single],
        producers=texts(root, f"{cite}/origin"),
        state=_state(texts(root, "idinfo/keywords/place/placekey")),
    )


def _of_iso(root: etree._Element) -> Told:
    cite = "identificationInfo/*/citation/*"
    parties = every(root, f"{cite}/citedResponsibleParty/*")
    makers = [party for party in parties if "originator" in codes(party, "role")]
    return Told(
        title=text(root, f"{cite}/title"),
        published=text(root, f"{cite}/date/*/date"),
        days=[(first or "", last or "") for first, last in spans(root)],
        producers=texts(makers[0], "organisationName") if makers else [],
        state=_state(texts(root, "identificationInfo/*/descriptiveKeywords/*/keyword")),
    )


def _state(words: list[str]) -> str | None:
    return next((word.lower() for word in words if STATE.fullmatch(word)), None)


def _first(values: list[str]) -> str | None:
    return next((value for value in values if value), None)
