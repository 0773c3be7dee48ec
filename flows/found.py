"""What a source finds, before anything of it was read."""

from dataclasses import dataclass, field
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
    """The STAC Item as it came, for records."""
    root: str | None = None
    """Folder below which a document may name local files; nowhere, for documents from elsewhere."""
    error: str | None = None
    """Why the source could not take it up; it goes to quarantine and the others go on."""
