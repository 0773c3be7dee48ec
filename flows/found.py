"""What a source finds, before anything of it was read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Found:
    """One product or record of an upstream."""

    upstream_id: str
    """Its name at the source, unique there."""
    fingerprint: str
    """Changes whenever the upstream changes it: from ETags, sizes, times or the document itself."""
    files: dict[str, str] = field(default_factory=dict)
    """File name -> address (file, s3, http), for products."""
    document: dict[str, Any] | None = None
    """The STAC Item as it came, or as the source made it of another kind of JSON or Atom entry."""
    record: bytes | None = None
    """The metadata record in XML as it came: ISO 19139, 19115-3, Dublin Core, FGDC, DIF ..."""
    root: str | None = None
    """Folder below which a document may name local files; nowhere, for documents from elsewhere."""
    deleted: bool = False
    """A tombstone: the upstream says that it had this and has it no more."""
    error: str | None = None
    """Why the source could not take it up; it goes to quarantine and the others go on."""
    original: bytes | None = None
    """What came, as it came, where `document` and `record` do not hold it; for the quarantine."""
    changed: datetime | None = None
    """When the upstream changed it last, if it tells (with time zone)."""

    @property
    def hides(self) -> bool:
        """Whether it stands for something that could not be looked at: nobody knows what it is."""
        return bool(self.error) and not (self.document or self.record or self.files)
