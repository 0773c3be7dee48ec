"""Names of languages: as records of ISO write them, and as the web does.

Records have codes of ISO 639-2 in three letters, often with a country behind (`eng; CAN`); STAC
has tags of RFC 5646, in two letters where there are such.
"""

import re

TAGS = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "cym": "cy", "dan": "da", "deu": "de",
    "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fin": "fi", "fra": "fr", "gle": "ga",
    "glg": "gl", "hrv": "hr", "hun": "hu", "isl": "is", "ita": "it", "jpn": "ja", "kor": "ko",
    "lav": "lv", "lit": "lt", "ltz": "lb", "mkd": "mk", "mlt": "mt", "nld": "nl", "nob": "nb",
    "nor": "no", "pol": "pl", "por": "pt", "roh": "rm", "ron": "ro", "rus": "ru", "slk": "sk",
    "slv": "sl", "spa": "es", "sqi": "sq", "srp": "sr", "swe": "sv", "tur": "tr", "ukr": "uk",
    "zho": "zh",
}  # fmt: skip
"""Code of ISO 639-2/T -> code of ISO 639-1."""

BIBLIOGRAPHIC = {
    "alb": "sqi", "baq": "eus", "chi": "zho", "cze": "ces", "dut": "nld", "fre": "fra",
    "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "rum": "ron", "slo": "slk",
    "wel": "cym",
}  # fmt: skip
"""Code of ISO 639-2/B -> code of ISO 639-2/T."""

CODES = {tag: code for code, tag in TAGS.items()}

WRITTEN = re.compile(r"([A-Za-z]{2,3})(?:\s*[;_-]\s*[A-Za-z]{2,4})?")
"""`eng`, `eng; CAN`, `en-CA`."""


def tag(written: str | None) -> str | None:
    """The language of a record's code, without its country; None if it is no such code."""
    found = WRITTEN.fullmatch((written or "").strip())
    if found is None:
        return None
    name = found[1].lower()
    name = BIBLIOGRAPHIC.get(name, name)
    return TAGS.get(name, name)


def code(tag: str) -> str:
    """The code of ISO 639-2/T for a tag of RFC 5646; what has none stays as it is."""
    language = tag.partition("-")[0].lower()
    return CODES.get(language, language)
