"""A harvester of EOEPCA as the source of a collection file."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlunsplit

from flows.eoepca.document import Part
from infrastructure.addresses import split
from infrastructure.conditions import cql2
from infrastructure.errors import Invalid

Json = dict[str, Any]

TYPES = {
    "opensearch": "opensearch_eo",
    "stacapi": "stac_api",
    "staccatalog": "stac_static",
    "oarec": "oarec",
    "ogcapirecords": "oarec",
}
"""Source plug-in, by the type of a resource in small letters."""


SECRET = re.compile(r"token|key|passw|secret|auth", re.IGNORECASE)


def source(name: str, harvester: Json, filesystems: dict[str, Json]) -> Part:
    """The source, and what of the harvester it cannot say.

    Args:
        name: Name of the harvester.
        harvester: Its configuration, of release 1.4 or of one before.
        filesystems: Where static catalogues lie; their secrets are not looked at.
    """
    resource = harvester.get("resource") or {}
    kind = str(resource.get("type") or "").replace("_", "")
    part = Part({"type": TYPES.get(kind.lower(), "opensearch_eo")})
    if kind.lower() not in TYPES:
        part.notes.append(f"EOEPCA's type of resource '{kind}' is not known: check `type`.")
    details = resource.get(kind.lower()) or resource
    if part.value["type"] == "stac_static":
        _place(part, details, filesystems)
    else:
        _address(part, name, details)
    _query(part, details.get("query") or {})
    _mapping(part, details)
    _rest(part, harvester)
    return part


def _address(part: Part, name: str, details: Json) -> None:
    """The address, without a user's name and password in it."""
    url = split(str(details.get("url") or ""))
    host = url.netloc.rpartition("@")[2]
    pairs = _without_secrets(part, dict(parse_qsl(url.query, keep_blank_values=True)))
    part.value["url"] = urlunsplit(url._replace(netloc=host, query=urlencode(pairs)))
    if host != url.netloc:
        variable = f"{re.sub(r'[^A-Z0-9]+', '_', name.upper())}_CREDENTIALS"
        part.value["credentials"] = {"basic": {"env": variable}}
        part.notes.append(f"The secret of the address is not copied: set {variable}=user:password.")


def _place(part: Part, details: Json, filesystems: dict[str, Json]) -> None:
    """Where a static catalogue lies."""
    name, root = str(details.get("filesystem") or ""), str(details.get("root_path") or "")
    filesystem = filesystems.get(name) or {}
    if str(filesystem.get("type", "")).lower() != "s3":
        part.value["url"] = root or str(details.get("url") or "")
        return
    store = filesystem.get("s3") or {}
    bucket = str(store.get("bucket") or "").strip("/")
    part.value["url"] = f"s3://{'/'.join(filter(None, (bucket, root.lstrip('/'))))}"
    part.notes.append(
        f"Filesystem '{name}': set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the"
    )
    part.notes.append("environment; its keys are not copied. Not secret are:")
    for key, variable in (("endpoint_url", "AWS_ENDPOINT_URL"), ("region", "AWS_REGION")):
        if store.get(key):
            part.notes.append(f"  {variable}={store[key]}")


def _query(part: Part, query: Json) -> None:
    if query.get("bbox"):
        part.value["bbox"] = _box(query["bbox"])
    time = query.get("time") or {}
    if time.get("begin") or time.get("end"):
        part.value["datetime"] = f"{_moment(time.get('begin'))}/{_moment(time.get('end'))}"
    if time.get("property") not in (None, "sensed"):
        part.notes.append(f"`time.property: {time['property']}` has no counterpart: it is sensed.")
    parameters = _without_secrets(part, query.get("extra_params") or {})
    if query.get("collection"):
        _collection(part, str(query["collection"]), parameters)
    if parameters:
        part.value |= _parameters(part.value["type"], parameters)


def _without_secrets(part: Part, parameters: Json) -> Json:
    """Parameters but those whose names say that they are secret."""
    for name in filter(SECRET.search, parameters):
        part.notes.append(f"The parameter '{name}' is not copied: see `credentials`.")
    return {name: value for name, value in parameters.items() if not SECRET.search(name)}


def _collection(part: Part, name: str, parameters: Json) -> None:
    if part.value["type"] in {"stac_api", "oarec"}:
        part.value["collections"] = [name]
    else:
        parameters["collection"] = name


def _parameters(kind: str, parameters: Json) -> Json:
    """Extra parameters; of a STAC API, they are options of the search."""
    return dict(parameters) if kind == "stac_api" else {"parameters": parameters}


def _box(text: Any) -> list[float]:
    words = text if isinstance(text, list) else str(text).split(",")
    return [float(word) for word in words]


def _moment(value: Any) -> str:
    """A moment of YAML, which reads some as times and some as texts."""
    if value is None:
        return ".."
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)  # a day, or a text


def _mapping(part: Part, details: Json) -> None:
    """Where STAC properties are found: `format.json` since release 1.4, `format_config` before."""
    formats = details.get("format") or details.get("format_config") or {}
    own = formats.get("json") or formats.get("property_mapping") or {}
    mapping = own.get("property_mapping", own) if isinstance(own, dict) else {}
    if mapping:
        part.value["mapping"] = {str(key): str(value) for key, value in mapping.items()}
    if formats.get("type") and part.value["type"] == "opensearch_eo":
        part.value["format"] = str(formats["type"])


def _rest(part: Part, harvester: Json) -> None:
    """The filter, and what becomes of the queue and the postprocessors."""
    if harvester.get("filter"):
        try:
            part.value["filter"] = cql2(harvester["filter"])
        except Invalid as error:
            part.notes.append(f"`filter` could not be taken ({error}): {harvester['filter']}")
    for step in harvester.get("postprocessors") or harvester.get("postprocess") or ():
        process = step.get("process") or step.get("type") if isinstance(step, dict) else step
        part.notes.append(f"Postprocessor {process}: see `enrich` and flows/readers.")
    if harvester.get("queue"):
        part.notes.append(
            f"Queue '{harvester['queue']}' is not needed: a harvest registers itself."
        )
    if part.value.get("datetime"):
        part.notes.append(
            "The window of `datetime` is fixed. Leave it out, or open its end with `..`,"
        )
        part.notes.append("and give a `schedule`, to follow the upstream.")
