"""ISO 19115-1:2014 in the XML of ISO/TS 19115-3."""

from infrastructure.metadata.iso.dialects import ISO_19115_3
from infrastructure.metadata.iso.schema import IsoSchema

MEDIA_TYPE = "application/vnd.iso.19115-3+xml"
TITLE = "ISO 19115-3 metadata record"

SCHEMA = IsoSchema("iso19115-3", ISO_19115_3)
