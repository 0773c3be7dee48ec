"""What a harvest shows in the Prefect UI: how far it is, its items, the quarantine, a picture."""

import re
from dataclasses import asdict
from time import monotonic

from prefect.artifacts import create_image_artifact, create_markdown_artifact, create_table_artifact

from flows.job import Job
from flows.tally import LAST, OUTCOMES
from infrastructure.addresses import public_href
from infrastructure.entry import Packed
from infrastructure.quarantine import Quarantined
from infrastructure.settings import ApiSettings, StorageSettings

INTERVAL = 10
"""Seconds between two refreshments, at least: each one is a new version in Prefect's database."""

LISTED = 200
"""Entries of the quarantine that are shown; `swath quarantine list` has them all."""

MEANINGS = {
    "found": "given by the sources",
    "registered": "new in the catalogue",
    "updated": "changed, and written again",
    "unchanged": "known already",
    "superseded": "lost to a duplicate",
    "quarantined": "cannot be registered; see the quarantine",
    "skipped": "outside of what the collection file asks for, or deleted upstream",
    "deferred": "left for the next run: something did not answer",
    "missing": "no longer upstream; deregistered after the grace period",
    "deregistered": "removed everywhere",
}


def publish(job: Job, last: bool = False, error: str | None = None) -> None:
    """Publish or refresh the artifacts of a run.

    Args:
        job: The run's work.
        last: The run is at its end: everything is published.
        error: What made it fail.
    """
    if not last and monotonic() - job.published < INTERVAL:
        return
    job.published = monotonic()
    key = re.sub(r"[^a-z0-9]+", "-", job.story.id.lower()).strip("-")
    now = _now(job, last, error)
    told = now if error else f"{now}. {job.tally.summary()}"
    body = _progress(job, "Failed" if error else now)
    create_markdown_artifact(body, key=f"{key}-progress", description=told)
    if last:
        _publish_items(job, key)
        _publish_quarantine(job, key)
        if job.tally.newest:
            _publish_picture(job, key, job.tally.newest)


def _now(job: Job, last: bool, error: str | None) -> str:
    """Where the run is, in one sentence."""
    if error:
        return f"Failed: {error}"
    counts = job.tally.counts
    done = sum(counts[outcome] for outcome in OUTCOMES)
    return "Done" if last else f"Working on source '{job.source}': {done} of {counts['found']}"


def _progress(job: Job, now: str) -> str:
    counts, api = job.tally.counts, ApiSettings().url.rstrip("/")
    rows = [f"| {count} | {name} | {MEANINGS[name]} |" for name, count in counts.items() if count]
    return "\n".join(
        [
            f"# {job.story.title}",
            f"Began {job.began:%Y-%m-%d %H:%M:%S} UTC. **{now}.**",
            "",
            "| Number | Outcome | Meaning |\n| ---: | --- | --- |",
            *(rows or ["| 0 | found | nothing yet |"]),
            "",
            *(f"- **{note}**" for note in job.tally.notes),
            f"- [Items in the catalogue]({api}/collections/{job.story.id}/items)",
            f"- [Map]({api}/#{job.story.id})",
            f"- [This job]({api}/jobs/{job.run})",
        ]
    )


def _publish_items(job: Job, key: str) -> None:
    rows = [asdict(row) for row in job.tally.rows]
    note = f" The last {LAST} are listed; the ledger has them all." if len(rows) == LAST else ""
    create_table_artifact(rows, key=f"{key}-items", description=f"{job.tally.summary()}.{note}")


def _publish_quarantine(job: Job, key: str) -> None:
    """The quarantine of the collection, whichever run put it there; empty when it is."""
    entries = job.quarantine.list(job.story.id, LISTED)
    rows = [
        {
            "reason": _reason(entry),
            "product": entry.upstream_id,
            "source": entry.source,
            "since": f"{entry.last_changed:%Y-%m-%d %H:%M}",
        }
        for entry in entries
    ]
    told = f"{len(rows)} in quarantine" if len(rows) < LISTED else f"The newest {LISTED}"
    create_table_artifact(rows, key=f"{key}-quarantine", description=told)


def _reason(entry: Quarantined) -> str:
    """The reason, without the product's name, which has a column of its own."""
    name, _, told = entry.reason.partition(": ")
    return told if told and entry.upstream_id.endswith(name) else entry.reason


def _publish_picture(job: Job, key: str, entry: Packed) -> None:
    """The thumbnail of the newest item, if it has one."""
    api = ApiSettings().url.rstrip("/")
    for asset in entry.item["assets"].values():
        if "thumbnail" in (asset.get("roles") or []):
            picture = public_href(asset["href"], job.store, StorageSettings(), api)
            create_image_artifact(picture, key=f"{key}-quicklook", description=entry.id)
            return
