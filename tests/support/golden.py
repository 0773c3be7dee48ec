"""Golden documents: what a product becomes, whole, to compare with what it became.

`SWATH_WRITE_GOLDEN=1` writes them anew; look at the difference before you keep it.
"""

import json
import os
from pathlib import Path
from typing import Any

WRITE = bool(os.environ.get("SWATH_WRITE_GOLDEN"))
"""Whether to write; tests run without such variables."""

FOLDER = Path(__file__).parent.parent / "data" / "golden"


def assert_golden(name: str, document: dict[str, Any], root: Path) -> None:
    """Compare a document with the golden one of that name.

    Args:
        name: File name without its suffix.
        document: JSON; addresses below the root are relative in the golden one.
        root: Folder of the real data.
    """
    told = json.dumps(document, indent=1, ensure_ascii=False).replace(root.as_uri(), "data:")
    assert_golden_text(f"{name}.json", told + "\n")


def assert_golden_text(name: str, text: str) -> None:
    """Compare a text with the golden one of that name."""
    path = FOLDER / name
    if WRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.is_file(), f"no golden document {path}; SWATH_WRITE_GOLDEN=1 writes it"
    golden = path.read_text("utf-8")
    if name.endswith(".json"):
        assert json.loads(text) == json.loads(golden)
    assert text == golden
