"""What a harvest shows in the Prefect UI: how far it is, its items, the quarantine, a picture."""

import re
from dataclasses import asdict
from time import monotonic

from prefect.artifacts import create_image_artifact, create_markdown_artifact, create_table_artifact

from flows.job import Job
from flows.tally import LAST, OUTCOMES
from infrastructure.addresses import public_href
from infrastructure.entry import Entry
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


def publish(job: Job, last: bool = False) -> None:
    """Publish or refresh the artifacts of a run; the last time in any case."""
    if not last and monotonic() - job.published < INTERVAL:
        return
    job.published = monotonic()
    key = re.sub(r"[^a-z0-9]+", "-", job.story.id.lower()).strip("-")
    create_markdown_artifact(_progress(job, last), key=f"{key}-progress", description="How far")
    if last:
        _publish_items(job, key)
        _publish_quarantine(job, key)
        if job.tally.newest:
            _publish_picture(job, key, job.tally.newest)


def _progress(job: Job, last: bool) -> str:
    counts, api = job.tally.counts, ApiSettings().url.rstrip("/")
    done = sum(counts[outcome] for outcome in OUTCOMES)
    doing = "done" if last else f"working on source *{job.source}*: {done} of {counts['found']}"
    rows = [f"| {count} | {name} | {MEANINGS[name]} |" for name, count in counts.items() if count]
    return "\n".join(
        [
            f"# {job.story.title}",
            f"Began {job.began:%Y-%m-%d %H:%M:%S} UTC, {doing}.",
            "",
            "| | | |\n| ---: | --- | --- |",
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
            "source": entry.source,
            "product": entry.upstream_id,
            "reason": entry.reason,
            "since": f"{entry.last_changed:%Y-%m-%d %H:%M}",
        }
        for entry in entries
    ]
    told = f"{len(rows)} in quarantine" if len(rows) < LISTED else f"The newest {LISTED}"
    create_table_artifact(rows, key=f"{key}-quarantine", description=told)


def _publish_picture(job: Job, key: str, entry: Entry) -> None:
    """The thumbnail of the newest item, if it has one."""
    api = ApiSettings().url.rstrip("/")
    for asset in entry.item["assets"].values():
        if "thumbnail" in (asset.get("roles") or []):
            picture = public_href(asset["href"], job.store, StorageSettings(), api)
            create_image_artifact(picture, key=f"{key}-quicklook", description=entry.id)
            return
