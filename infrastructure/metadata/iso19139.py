"""ISO 19115:2003 in the XML of ISO/TS 19139."""

from infrastructure.metadata.iso.dialects import ISO_19139
from infrastructure.metadata.iso.schema import IsoSchema

MEDIA_TYPE = "application/vnd.iso.19139+xml"
TITLE = "ISO 19139 metadata record"

SCHEMA = IsoSchema("iso19139", ISO_19139)
