"""The schemas that there are, by the names that addresses have them by."""

from types import ModuleType
from typing import Any

from infrastructure.errors import NotFound
from infrastructure.metadata import dcat, iso19115_2, iso19115_3, iso19139, schema_org
from infrastructure.metadata.mcf import mcf

SCHEMAS: dict[str, ModuleType] = {
    "iso19139": iso19139,
    "iso19115-2": iso19115_2,
    "iso19115-3": iso19115_3,
    "dcat": dcat,
    "schema-org": schema_org,
}


def write(schema: str, document: dict[str, Any], collection: dict[str, Any]) -> bytes:
    """The record of an item, or of a collection that is given as both.

    Raises:
        NotFound: there is no such schema.
        Invalid: the document has no place or time, or text that XML cannot carry.
    """
    if schema not in SCHEMAS:
        raise NotFound(f"no records in '{schema}'; there are {', '.join(SCHEMAS)}")
    record: str = SCHEMAS[schema].SCHEMA.write(mcf(document, collection))
    return record.encode()


def iso19139_of(document: dict[str, Any], collection: dict[str, Any]) -> bytes:
    """The ISO 19139 record."""
    return write("iso19139", document, collection)
