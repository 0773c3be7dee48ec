"""ISO 19115-2 (gmi): the same, with platform and instruments."""

from infrastructure.metadata.iso.dialects import ISO_19115_2
from infrastructure.metadata.iso.schema import IsoSchema

MEDIA_TYPE = "application/vnd.iso.19139-2+xml"
TITLE = "ISO 19115-2 metadata record"

SCHEMA = IsoSchema("iso19115-2", ISO_19115_2)
