"""Where data came from, and to which specifications they keep (DQ_DataQuality, LI_Lineage)."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from flows.records.elements import code, every, links, prose, text
from flows.records.iso import told, unique

LINEAGES = ("dataQualityInfo/*/lineage/*", "resourceLineage/*")

DEGREES = {"true": "conformant", "1": "conformant", "false": "notConformant", "0": "notConformant"}
"""DQ_ConformanceResult.pass -> degree of conformity, in the words of INSPIRE."""


def quality(root: etree._Element) -> dict[str, Any]:
    """The properties."""
    sources = every(root, *(f"{lineage}/source/*" for lineage in LINEAGES))
    steps = every(root, *(f"{lineage}/processStep/*" for lineage in LINEAGES))
    return {
        "processing:lineage": prose(root, *(f"{lineage}/statement" for lineage in LINEAGES)),
        "iso:process_steps": unique([step for step in map(_step, steps) if step]),
        "iso:sources": unique([said for part in sources if (said := prose(part, "description"))]),
        "iso:conformity": unique(list(_conformity(root))),
    }


def _step(element: etree._Element) -> dict[str, str]:
    return told(
        description=prose(element, "description"),
        date=text(element, "dateTime", "stepDateTime"),
    )


def _conformity(root: etree._Element) -> Iterator[dict[str, str]]:
    for report in every(root, "dataQualityInfo/*/report/*"):
        measure = text(report, "measureIdentification/*/code",
                       "measure/*/measureIdentification/*/code")  # fmt: skip
        for result in every(report, "result/DQ_ConformanceResult"):
            title = every(result, "specification/*/title")
            known = told(
                title=text(result, "specification/*/title"),
                href=next((href for part in title for href in links(part)), None),
                date=text(result, "specification/*/date/*/date"),
                date_type=code(result, "specification/*/date/*/dateType"),
            )
            if known:
                yield known | told(
                    degree=DEGREES.get(text(result, "pass") or "", "notEvaluated"),
                    explanation=text(result, "explanation"),
                    measure=measure,
                )
