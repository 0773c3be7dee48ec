"""Licences as records name them, as SPDX identifiers."""

import re

CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/(by(?:-nc)?(?:-nd|-sa)?|zero)/(\d\.\d)"
    r"|\b(CC[- ]?0|CC[- ]BY(?:[- ]NC)?(?:[- ](?:ND|SA))?)[- ](?:v\.?)?(\d\.\d)\b",
    re.IGNORECASE,
)

OTHERS = {
    "open.canada.ca/en/open-government-licence-canada": "OGL-Canada-2.0",
    "ouvert.canada.ca/fr/licence-du-gouvernement-ouvert-canada": "OGL-Canada-2.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    "opendatacommons.org/licenses/odbl/1": "ODbL-1.0",
    "opendatacommons.org/licenses/by/1": "ODC-By-1.0",
    "etalab.gouv.fr": "etalab-2.0",
}
"""Part of a licence's address -> SPDX identifier."""

ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")


def spdx(constraints: list[str]) -> str | None:
    """The licence that constraints name, `other` if they name none, None if there are none."""
    if not constraints:
        return None
    whole = " ".join(constraints)
    if found := CREATIVE_COMMONS.search(whole):
        kind, version = found[1] or found[3], found[2] or found[4]
        return _creative_commons(kind, version)
    return next((name for part, name in OTHERS.items() if part in whole.lower()), "other")


def address(constraints: list[str]) -> str | None:
    """The first address in constraints."""
    found = ADDRESS.search(" ".join(constraints))
    return found[0].rstrip(".,;") if found else None


def _creative_commons(kind: str, version: str) -> str:
    name = re.sub(r"[- ]+", "-", kind.upper()).removeprefix("CC-")
    if name in {"ZERO", "CC0", "0"}:
        return "CC0-1.0"
    return f"CC-{name}-{version}"
