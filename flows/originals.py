"""What is kept of a product or record that goes into quarantine."""

import orjson

from flows.found import Found
from infrastructure.quarantine import Original

MOST = 4 * 2**20
"""Bytes of an original that are kept; of files, only the list is."""


def original(found: Found) -> Original | None:
    """What came, as it came; of the files of a product, their names and addresses."""
    if found.original is not None:
        return Original("application/octet-stream", found.original[:MOST])
    if found.record is not None:
        return Original("application/xml", found.record[:MOST])
    if found.document is not None:
        content = orjson.dumps(found.document, option=orjson.OPT_INDENT_2)
        return Original("application/geo+json", content[:MOST])
    if found.files:
        content = orjson.dumps({"files": found.files}, option=orjson.OPT_INDENT_2)
        return Original("application/json", content[:MOST])
    return None
