"""Where data came from, and to which specifications they keep (DQ_DataQuality, LI_Lineage)."""

from collections.abc import Iterator
from typing import Any

from infrastructure.metadata.iso.citation import cited, identifier
from infrastructure.metadata.iso.tree import Node, code, leaf, nil, node, text

PASS = {"conformant": "true", "notConformant": "false"}

Quality = dict[str, Any]


def quality(told: Quality, is_2014: bool) -> Iterator[Node | None]:
    """The sections of quality and lineage; lineage is a part of quality in 2003.

    Args:
        told: The MCF's `dataquality`, with `conformity`.
        is_2014: Which standard is written.
    """
    reports = [_report(result, is_2014) for result in told["conformity"]]
    lineage = node("mrl:LI_Lineage", *_lineage(told["lineage"], is_2014))
    inside = [*reports, node("mdq:lineage", None if is_2014 else lineage)]
    if any(inside):
        kind = "mcc:MD_Scope" if is_2014 else "mcc:DQ_Scope"
        level = code("mcc:level", "mcc:MD_ScopeCode", told["scope"]["level"])
        scope = node("mdq:scope", node(kind, level))
        yield node("mdb:dataQualityInfo", node("mdq:DQ_DataQuality", scope, *inside))
    yield node("mdb:resourceLineage", lineage if is_2014 else None)


def _report(result: dict[str, str], is_2014: bool) -> Node | None:
    measure = identifier("mdq:measureIdentification", result.get("measure"))
    reference = node("mdq:measure", node("mdq:DQ_MeasureReference", measure))
    passed = PASS.get(result["degree"])
    conformance = node(
        "mdq:DQ_ConformanceResult",
        node("mdq:specification", cited(result, is_2014)),
        text("mdq:explanation", result.get("explanation")) or nil("mdq:explanation"),
        leaf("mdq:pass", "gco:Boolean", passed) or nil("mdq:pass", "unknown"),
    )
    return node(
        "mdq:report",
        node(
            "mdq:DQ_DomainConsistency",
            reference if is_2014 else measure,
            node("mdq:result", conformance),
        ),
    )


def _lineage(told: dict[str, Any], is_2014: bool) -> Iterator[Node | None]:
    steps = [
        _step(step, f"step-{number}", is_2014) for number, step in enumerate(told["processsteps"])
    ]
    sources = [
        node("mrl:source", node("mrl:LI_Source", text("mrl:description", said)))
        for said in told["sources"]
    ]
    yield text("mrl:statement", told["statement"])
    yield from [*sources, *steps] if is_2014 else [*steps, *sources]


def _step(step: dict[str, str], name: str, is_2014: bool) -> Node | None:
    when = step.get("date")
    if is_2014 and when:
        instant = node("gml:TimeInstant", ("gml:timePosition", {}, when), **{"gml:id": name})
        at = node("mrl:stepDateTime", instant)
    else:
        at = leaf("mrl:dateTime", "gco:DateTime", when)
    described = text("mrl:description", step.get("description")) or nil("mrl:description")
    return node("mrl:processStep", node("mrl:LI_ProcessStep", described, at))
