"""DCAT 3 in JSON-LD, with the terms of GeoDCAT-AP for places.

https://www.w3.org/TR/vocab-dcat-3/, https://semiceu.github.io/GeoDCAT-AP/. pygeometa's own schema
maps names of MCF by a context, and leaves places and contacts without their classes.
"""

from typing import Any

from pygeometa.schemas.base import BaseOutputSchema

from infrastructure.metadata.jsonld import described, written

MEDIA_TYPE = "application/ld+json"
TITLE = "DCAT dataset (JSON-LD)"

CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "locn": "http://www.w3.org/ns/locn#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
IANA = "https://www.iana.org/assignments/media-types/"

Node = dict[str, Any]


class Dcat(BaseOutputSchema):  # type: ignore[misc]
    """An output schema for pygeometa."""

    def __init__(self) -> None:
        super().__init__("dcat", "DCAT 3", "json")

    def write(self, mcf: Node, stringify: bool = True) -> Any:
        """The `dcat:Dataset`, or `dcat:DatasetSeries` of a collection.

        Args:
            mcf: As `infrastructure.metadata.mcf` makes it.
            stringify: Whether as text, or as an object.
        """
        record = {"@context": CONTEXT, **_known(_dataset(mcf))}
        return written(record) if stringify else record


def _dataset(mcf: Node) -> Node:
    told, facts, roles = mcf["metadata"], mcf["identification"], mcf["contact"]
    licence = facts["license"]
    return {
        "@id": told["dataseturi"],
        "@type": "dcat:DatasetSeries" if told["hierarchylevel"] == "series" else "dcat:Dataset",
        "dct:identifier": told["identifier"],
        "dct:title": facts["title"],
        "dct:description": facts["abstract"] or facts["title"],
        "dcat:keyword": described(facts),
        "dct:language": {"@id": LANGUAGE + told["language"].upper()} if told["language"] else None,
        "dct:creator": _agent(roles, "originator", "author", "pointOfContact", "owner"),
        "dct:publisher": _agent(roles, "publisher", "distributor", "custodian"),
        "dcat:contactPoint": _card(roles, "pointOfContact", "custodian"),
        "dct:created": _time(facts["dates"].get("creation")),
        "dct:issued": _time(facts["dates"].get("publication")),
        "dct:modified": _time(told["datestamp"]),
        "dct:license": {"@id": licence["url"]} if licence["url"] else None,
        "dct:rights": _known({"@type": "dct:RightsStatement", "rdfs:label": licence["name"]})
        if licence["name"] else None,
        "dct:spatial": [_place(place) for place in facts["extents"]["spatial"]],
        "dct:temporal": [_period(period) for period in facts["extents"]["temporal"]],
        "dct:provenance": _provenance(mcf["dataquality"]["lineage"]["statement"]),
        "dct:conformsTo": [_standard(one) for one in mcf["dataquality"]["conformity"]],
        "dcat:spatialResolutionInMeters": [
            {"@type": "xsd:decimal", "@value": str(one["value"])}
            for one in facts["resolutions"] if one["unit"] == "m"
        ],
        "dcat:version": facts["edition"],
        "dcat:distribution": [_distribution(one, licence) for one in mcf["distribution"].values()],
        "foaf:depiction": [{"@id": picture["url"]} for picture in facts["graphics"]],
    }  # fmt: skip


def _agent(contacts: Node, *roles: str) -> Node | None:
    contact = next((contacts[role] for role in roles if contacts.get(role)), None)
    if contact is None:
        return None
    group = contact.get("organization")
    return _known(
        {
            "@type": "foaf:Organization" if group else "foaf:Person",
            "foaf:name": group or contact.get("individualname"),
            "foaf:homepage": {"@id": contact["url"]} if contact.get("url") else None,
        }
    )


def _card(contacts: Node, *roles: str) -> Node | None:
    contact = next((contacts[role] for role in roles if contacts.get(role)), None)
    if contact is None:
        return None
    email, url = contact.get("email"), contact.get("url")
    return _known(
        {
            "@type": "vcard:Organization" if contact.get("organization") else "vcard:Individual",
            "vcard:fn": contact.get("organization") or contact.get("individualname"),
            "vcard:hasEmail": {"@id": f"mailto:{email}"} if email else None,
            "vcard:hasURL": {"@id": url} if url else None,
        }
    )


def _place(place: Node) -> Node:
    """A box as WKT in longitude and latitude, as GeoDCAT-AP asks."""
    west, south, east, north = place["bbox"]
    rings = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    box = {"@type": "geo:wktLiteral", "@value": f"POLYGON(({rings}))"}
    return {"@type": "dct:Location", "dcat:bbox": box, "locn:geometry": box}


def _period(period: Node) -> Node:
    times = {"dcat:startDate": _time(period["begin"]), "dcat:endDate": _time(period["end"])}
    return _known({"@type": "dct:PeriodOfTime", **times})


def _time(said: str | None) -> Node | None:
    if not said:
        return None
    return {"@type": "xsd:dateTime" if "T" in said else "xsd:date", "@value": said}


def _provenance(statement: str | None) -> Node | None:
    return {"@type": "dct:ProvenanceStatement", "rdfs:label": statement} if statement else None


def _standard(result: Node) -> Node:
    told = {"@id": result.get("href"), "@type": "dct:Standard", "dct:title": result.get("title")}
    return _known(told)


def _distribution(told: Node, licence: Node) -> Node:
    is_file = told.get("function") == "download"
    kind = (told.get("media_type") or "").partition(";")[0].strip()
    return _known(
        {
            "@type": "dcat:Distribution",
            "dct:title": told["name"],
            "dct:description": told["description"],
            "dcat:accessURL": {"@id": told["url"]},
            "dcat:downloadURL": {"@id": told["url"]} if is_file else None,
            "dcat:mediaType": {"@id": IANA + kind} if kind else None,
            "dct:license": {"@id": licence["url"]} if licence["url"] else None,
        }
    )


def _known(told: Node) -> Node:
    return {key: value for key, value in told.items() if value not in (None, "", [])}


SCHEMA = Dcat()
