"""Jobs as OGC API - Processes 1.0 tells them (OGC 18-062r2, 7.12 and 11)."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from stac_fastapi.types.requests import get_base_url

from api.surroundings import Surroundings
from infrastructure.ledger import Run

JSON = "application/json"
RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"

STATUS = {
    "accepted": "accepted",
    "running": "running",
    "completed": "successful",
    "failed": "failed",
    "crashed": "failed",
    "cancelled": "dismissed",
}
"""State of a row of `swath.run` -> status of the standard."""


def status_info(job: Run, request: Request) -> dict[str, Any]:
    """The `statusInfo` of a job; `collection`, `counts` and `request` are our own additions."""
    told = {
        "jobID": str(job.id),
        "processID": job.kind,
        "type": "process",
        "status": STATUS[job.state],
        "message": _message(job),
        "created": rfc3339(job.accepted),
        "started": job.started and rfc3339(job.started),
        "finished": job.ended and rfc3339(job.ended),
        "updated": rfc3339(job.ended or job.started or job.accepted),
        "progress": 100 if job.state == "completed" else None,
        "collection": job.collection or None,
        "counts": {key: number for key, number in job.counts.items() if number} or None,
        "request": job.request,
        "links": _links(job, request),
    }
    return {key: value for key, value in told.items() if value is not None}


def _message(job: Run) -> str | None:
    if job.error or job.activity:
        return job.error or job.activity
    if job.state == "cancelled":
        return "It was cancelled; what it had done before stays."
    done = [f"{number} {what}" for what, number in job.counts.items() if number]
    return ", ".join(done) or None


def _links(job: Run, request: Request) -> list[dict[str, str]]:
    surroundings: Surroundings = request.app.state.surroundings
    base = get_base_url(request)
    address = f"{base}jobs/{job.id}"
    links = [
        {"rel": "self", "href": address, "type": JSON, "title": "This job"},
        {"rel": RESULTS, "href": f"{address}/results", "type": JSON, "title": "What came of it"},
    ]
    if job.collection and job.state == "completed":
        href = f"{base}collections/{job.collection}"
        links.append({"rel": "collection", "href": href, "type": JSON, "title": job.collection})
    if monitor := surroundings.api.monitor_url:
        href = f"{monitor.rstrip('/')}/runs/flow-run/{job.id}"
        links.append({"rel": "monitor", "href": href, "type": "text/html", "title": "Prefect"})
    return links


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, as RFC 3339 has it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
