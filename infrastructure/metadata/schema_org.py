"""schema.org `Dataset` in JSON-LD, as search engines for data sets read it.

https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from typing import Any

from pygeometa.schemas.schema_org import SchemaOrgOutputSchema

from infrastructure.metadata.jsonld import described, periods, written

MEDIA_TYPE = "application/ld+json"
TITLE = "schema.org Dataset (JSON-LD)"

ROLES = {
    "creator": ("originator", "author", "pointOfContact", "owner"),
    "publisher": ("publisher", "distributor", "custodian"),
}
"""Property -> roles of ISO 19115 whose holder it is, the likeliest first."""


class SchemaOrg(SchemaOrgOutputSchema):  # type: ignore[misc]
    """pygeometa's schema, made complete for search engines."""

    def write(self, mcf: dict[str, Any], stringify: bool = True) -> Any:
        """The data set.

        Args:
            mcf: As `infrastructure.metadata.mcf` makes it.
            stringify: Whether as text, or as an object.
        """
        record = _refined(super().write(_plain(mcf), stringify=False), mcf)
        return written(record) if stringify else record


def _plain(mcf: dict[str, Any]) -> dict[str, Any]:
    """What pygeometa's schema has a rule for; the rest is told by `_refined`."""
    facts = {**mcf["identification"], "keywords": {}, "dates": {}, "license": None}
    return {
        **mcf,
        "metadata": {**mcf["metadata"], "language": None, "hierarchylevel": "dataset"},
        "identification": facts,
        "contact": {},
        "distribution": {},
        "content_info": {},
    }


def _refined(record: dict[str, Any], mcf: dict[str, Any]) -> dict[str, Any]:
    told, facts = mcf["metadata"], mcf["identification"]
    described_at = told["dataseturi"]
    more = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": described_at,
        "url": described_at,
        "description": facts["abstract"] or facts["title"],
        "identifier": [told["identifier"], *(one["code"] for one in facts["identifiers"])],
        "keywords": described(facts),
        "license": facts["license"]["url"] or _spdx(facts["license"]["name"]),
        "inLanguage": facts["language"],
        "temporalCoverage": next(periods(facts), None),
        "spatialCoverage": [_place(place) for place in facts["extents"]["spatial"]],
        "dateModified": told["datestamp"],
        "datePublished": facts["dates"].get("publication"),
        "dateCreated": facts["dates"].get("creation"),
        "version": facts["edition"],
        "variableMeasured": [_variable(band) for band in mcf["content_info"]["dimensions"]],
        "isPartOf": told["parentidentifier"],
        "distribution": [_download(one) for one in mcf["distribution"].values()],
        "thumbnailUrl": next((picture["url"] for picture in facts["graphics"]), None),
        **{name: _holder(mcf["contact"], roles) for name, roles in ROLES.items()},
    }
    return {key: value for key, value in {**record, **more}.items() if value not in (None, "", [])}


def _place(place: dict[str, Any]) -> dict[str, Any]:
    """A box as schema.org has it: south, west, north, east."""
    west, south, east, north = place["bbox"]
    box = f"{south} {west} {north} {east}"
    return {"@type": "Place", "geo": {"@type": "GeoShape", "box": box}}


def _spdx(name: str) -> str | None:
    """The address of a licence of SPDX; `other` and `various` are none."""
    is_named = name and " " not in name and name not in {"other", "various", "proprietary"}
    return f"https://spdx.org/licenses/{name}.html" if is_named else name or None


def _variable(band: dict[str, Any]) -> dict[str, Any]:
    told = {"name": band.get("name"), "description": band.get("description")}
    known = {key: value for key, value in told.items() if value}
    return {"@type": "PropertyValue", **known}


def _download(told: dict[str, Any]) -> dict[str, Any]:
    known = {
        "@type": "DataDownload",
        "contentUrl": told["url"],
        "name": told["name"],
        "encodingFormat": told.get("media_type"),
    }
    return {key: value for key, value in known.items() if value}


def _holder(contacts: dict[str, dict[str, str]], roles: tuple[str, ...]) -> dict[str, str] | None:
    contact = next((contacts[role] for role in roles if contacts.get(role)), None)
    if contact is None:
        return None
    group = contact.get("organization")
    known = {
        "@type": "Organization" if group else "Person",
        "name": group or contact.get("individualname"),
        "url": contact.get("url"),
        "email": contact.get("email"),
    }
    return {key: value for key, value in known.items() if value}


SCHEMA = SchemaOrg()
