"""The guide to the steps names each of them."""

import re
from pathlib import Path

from infrastructure import plugins

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "choose-enrichment-steps.md"


def test_the_guide_says_what_each_step_is_for() -> None:
    rows = re.findall(r"^\| .+ \| `(\w+)` \| .+ \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert set(plugins.names("flows.enrich")) <= set(rows)
