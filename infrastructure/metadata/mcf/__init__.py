"""STAC Items and Collections in pygeometa's content model, the Metadata Control File (MCF 1.0).

What MCF has no name for stands beside what it has: the same keys in the same sections, and more of
them. https://geopython.github.io/pygeometa/reference/mcf/
"""

from typing import Any

from infrastructure.metadata.mcf import online, people, places, rights, sensing, times, words
from infrastructure.metadata.mcf.subject import Subject


def mcf(document: dict[str, Any], collection: dict[str, Any]) -> dict[str, Any]:
    """An item or a collection as MCF; a collection is given as both.

    Its identifier is `<collection id>:<item id>`: ids of collections have no colon, so that two
    items never share one. Times are UTC; what is not known is None or empty.

    Raises:
        Invalid: there is no bounding box, or an item has no date.
    """
    subject = Subject(document, collection)
    when = times.period(subject)
    contacts = people.contacts(subject)
    locales = words.locales(subject)
    return {
        "mcf": {"version": 1.0},
        "metadata": _metadata(subject, when, list(locales.values())),
        "spatial": {
            "datatype": _own(subject, "iso:spatial_representation_type", "grid"),
            "geomtype": "surface",
            "systems": places.systems(subject),
        },
        "identification": _identification(subject, when),
        "translations": _translations(subject, locales),
        "service": _service(subject),
        "contact": people.by_role(contacts),
        "contacts": contacts,
        "content_info": sensing.content_info(subject),
        "acquisition": {**sensing.acquisition(subject), "level": _level(subject)},
        "distribution": online.distribution(subject),
        "dataquality": _quality(subject),
    }


def _metadata(
    subject: Subject, when: times.Period, locales: list[dict[str, str]]
) -> dict[str, Any]:
    told, above = subject.told, subject.collection["id"]
    upstream = told.get("swath:upstream_id") if subject.is_record else None
    name = above if subject.is_collection else f"{above}:{upstream or subject.name}"
    parent = told.get("swath:parent_identifier")
    own = subject.link("self").get("href")
    return {
        "identifier": name,
        "subject": subject.name,
        "parentidentifier": parent or (None if subject.is_collection else above),
        "language": words.language(subject),
        "language_alternate": None,
        "locales": locales,
        "charset": "utf8",
        "hierarchylevel": _level(subject),
        "datestamp": times.stamp(subject, when),
        "created": times.created(subject),
        "standard": told.get("iso:metadata_standard", {}) if subject.is_record else None,
        "dataseturi": told.get("iso:dataset_uri") if subject.is_record else own,
    }


def _identification(subject: Subject, when: times.Period) -> dict[str, Any]:
    told, collection = subject.told, subject.collection
    name = collection.get("title") or collection["id"]
    dates = times.dates(subject, when[0])
    return {
        "title": told.get("title")
        or (name if subject.is_collection else f"{name}: {subject.name}"),
        "abstract": told.get("description")
        or (None if subject.is_record else collection["description"]),
        "alternate_titles": told.get("iso:alternate_titles", []),
        "edition": told.get("iso:edition") or _version(subject),
        "identifiers": _identifiers(subject),
        "presentation_form": told.get("iso:presentation_form"),
        "citation_details": told.get("iso:citation_details"),
        "all_dates": dates,
        "dates": {date["type"]: date["date"] for date in reversed(dates)},
        "purpose": told.get("iso:purpose"),
        "credits": told.get("iso:credits", []),
        "supplement": told.get("iso:supplemental_information"),
        "language": words.language(subject) or "",
        "languages": words.languages(subject),
        "charset": "utf8",
        "keywords": words.keywords(subject),
        "topiccategory": words.topics(subject),
        "status": _own(subject, "iso:status", "onGoing" if when[1] is None else "completed"),
        "maintenancefrequency": _own(
            subject, "iso:maintenance_frequency", "unknown" if when[1] is None else "notPlanned"
        ),
        "accessconstraints": "otherRestrictions",
        "rights": rights.licence(subject)["name"],
        "license": rights.licence(subject),
        "constraints": rights.constraints(subject),
        "graphics": online.graphics(subject),
        "formats": online.formats(subject),
        "associations": told.get("iso:associations", []),
        "resolutions": _resolutions(subject),
        "scales": told.get("iso:scale_denominators", []),
        "extents": {
            "spatial": places.spatial(subject),
            "temporal": times.temporal(subject, when),
            "description": told.get("iso:extent_description"),
            "places": told.get("iso:geographic_identifiers", []),
            "vertical": told.get("iso:vertical_extent", {}),
        },
    }


def _own(subject: Subject, key: str, otherwise: str) -> str | None:
    """What was told, or what is true of every product; of records only what they told."""
    said: str | None = subject.told.get(key)
    return said or (None if subject.is_record else otherwise)


def _level(subject: Subject) -> str:
    """MD_ScopeCode of what is described."""
    said: str | None = subject.told.get("iso:hierarchy_level")
    return said or ("series" if subject.is_collection else "dataset")


def _version(subject: Subject) -> str | None:
    version = None if subject.is_record else subject.told.get("version")
    return version if isinstance(version, str) else None


def _identifiers(subject: Subject) -> list[dict[str, str]]:
    """Identifiers of the resource: those told, its DOI, its address."""
    told = subject.told
    found: list[dict[str, str]] = list(told.get("iso:identifiers", []))
    doi = told.get("sci:doi")
    if found or subject.is_record:
        return found or ([{"code": doi}] if doi else [])
    link = subject.link("self").get("href")
    return [{"code": code} for code in (doi, link) if code]


def _resolutions(subject: Subject) -> list[dict[str, Any]]:
    if subject.is_record:
        return list(subject.told.get("iso:resolutions", []))
    return [{"value": distance, "unit": "m"} for distance in subject.many("gsd")]


def _translations(
    subject: Subject, locales: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Name of a locale -> what is said in it."""
    told: dict[str, dict[str, str]] = subject.told.get("iso:translations", {})
    return {locales[tag]["name"]: said for tag, said in told.items()}


def _service(subject: Subject) -> dict[str, Any] | None:
    """What a service is and works on; None for data."""
    told = subject.told
    if "iso:service_type" not in told:
        return None
    return {
        "type": told["iso:service_type"],
        "coupling": told.get("iso:coupling_type"),
        "operates_on": told.get("iso:operates_on", []),
    }


def _quality(subject: Subject) -> dict[str, Any]:
    told = subject.told
    return {
        "scope": {"level": _level(subject)},
        "conformity": told.get("iso:conformity", []),
        "lineage": {
            "statement": told.get("processing:lineage"),
            "processsteps": told.get("iso:process_steps", []),
            "sources": told.get("iso:sources", []),
        },
    }
