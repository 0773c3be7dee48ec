"""Applications in the Common Workflow Language (CWL 1.x), as STAC Items.

Facts of EOEPCA's and OGC's application packages (OGC 20-089r1, 8): one document, often packed as
`$graph`, whose main workflow has id, label and doc, and schema.org terms beside them.
"""

import re
from datetime import datetime
from typing import Any

import yaml

from infrastructure.errors import Unreadable

CLASSES = ("Workflow", "CommandLineTool", "ExpressionTool")
MEDIA_TYPE = "application/cwl+yaml"
TERMS = ("s:", "schema:", "https://schema.org/", "http://schema.org/")
SPDX = re.compile(r"[\w.+-]+")
MOST = 4 * 2**20
"""Bytes that a document may have."""

WORLD = [-180.0, -90.0, 180.0, 90.0]
"""West, south, east, north in degrees."""


def parse(content: bytes, subject: str) -> dict[str, Any]:
    """A CWL document.

    Raises:
        Unreadable: it is no YAML or JSON, no CWL, or too long.
    """
    if len(content) > MOST:
        raise Unreadable(f"{subject}: a CWL document of more than {MOST} bytes")
    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"{subject}: no YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(document, dict) or "cwlVersion" not in document:
        raise Unreadable(f"{subject}: no CWL: it has no cwlVersion")
    return document


def main(document: dict[str, Any], subject: str) -> dict[str, Any]:
    """The process that a document is about: in a packed one `main`, else the first workflow.

    Raises:
        Unreadable: it describes no process.
    """
    graph = document.get("$graph", [document])
    processes = (
        [part for part in graph if isinstance(part, dict) and part.get("class") in CLASSES]
        if isinstance(graph, list)
        else []
    )
    if not processes:
        raise Unreadable(f"{subject}: the CWL holds none of {', '.join(CLASSES)}")
    named = [part for part in processes if _fragment(part) == "main"]
    workflows = [part for part in processes if part["class"] == "Workflow"]
    return (named or workflows or processes)[0]


def item(document: dict[str, Any], subject: str, now: datetime) -> dict[str, Any]:
    """The STAC Item of an application; its footprint is the whole Earth.

    Args:
        document: The CWL.
        subject: What it is, for messages, and its id if it has none of its own.
        now: The item's time, if the document tells none.

    Raises:
        Unreadable: it describes no process.
    """
    process = main(document, subject)
    identifier = _fragment(process)
    if identifier in {"", "main"}:
        identifier = _text(_term(document, process, "identifier")) or identifier or subject
    properties = {
        "type": "application",
        "title": _text(process.get("label")) or identifier,
        "description": _text(process.get("doc")),
        "datetime": _moment(document, process) or now.isoformat(),
        "keywords": _words(_term(document, process, "keywords")),
        "version": _text(_term(document, process, "softwareVersion")),
        "license": _license(_text(_term(document, process, "license"))),
        "providers": _providers(_term(document, process, "author")),
        "cwl:version": str(document["cwlVersion"]),
        "cwl:class": process["class"],
        "cwl:inputs": _names(process.get("inputs")),
        "cwl:outputs": _names(process.get("outputs")),
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": identifier,
        "geometry": world(),
        "bbox": list(WORLD),
        "properties": {key: value for key, value in properties.items() if value},
        "links": _links(document, process),
        "assets": {},
    }


def world() -> dict[str, Any]:
    """The footprint of what has none: the whole Earth, longitude before latitude."""
    west, south, east, north = WORLD
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _fragment(process: dict[str, Any]) -> str:
    """The id without the document's own name (`file.cwl#id`)."""
    return _text(process.get("id")).rpartition("#")[2]


def _term(document: dict[str, Any], process: dict[str, Any], name: str) -> Any:
    """A term of schema.org, on the process or on the document."""
    for part in (process, document):
        for prefix in TERMS:
            if (value := part.get(f"{prefix}{name}")) is not None:
                return value
    return None


def _text(value: Any) -> str:
    """Words of a string, of a list of strings, or of a number."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def _words(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [word for part in parts if (word := _text(part))]


def _license(text: str) -> str:
    """An SPDX identifier, or `other` for what is none, such as an address (STAC 1.1)."""
    return text if SPDX.fullmatch(text) or not text else "other"


def _names(value: Any) -> list[str]:
    """Names of inputs or outputs, which CWL writes as a map or as a list."""
    if isinstance(value, dict):
        return [str(name) for name in value]
    parts = value if isinstance(value, list) else []
    return [_fragment(part) for part in parts if isinstance(part, dict)]


def _providers(value: Any) -> list[dict[str, Any]]:
    people = value if isinstance(value, list) else [value]
    return [
        {"name": name, "roles": ["producer"]}
        for person in people
        if isinstance(person, dict)
        and (name := next(filter(None, (_text(person.get(f"{t}name")) for t in TERMS)), ""))
    ]


def _moment(document: dict[str, Any], process: dict[str, Any]) -> str | None:
    for name in ("dateModified", "datePublished", "dateCreated"):
        value = _term(document, process, name)
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            continue
        return moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}+00:00"
    return None


def _links(document: dict[str, Any], process: dict[str, Any]) -> list[dict[str, str]]:
    relations = {"license": "license", "codeRepository": "related", "citation": "cite-as"}
    found = {rel: _text(_term(document, process, name)) for name, rel in relations.items()}
    return [
        {"rel": rel, "href": href}
        for rel, href in found.items()
        if href.startswith(("http://", "https://"))
    ]
