"""What a harvest shows in the Prefect UI: a table of the items, a picture, and links."""

import re
from time import monotonic

from prefect.artifacts import create_image_artifact, create_markdown_artifact, create_table_artifact

from flows.job import LAST, Job
from infrastructure.addresses import public_href
from infrastructure.entry import Entry
from infrastructure.settings import ApiSettings, StorageSettings

COLUMNS = ("product", "item", "state", "seconds", "reason")


INTERVAL = 10
"""Seconds between two refreshments, at least: each one is a new version in Prefect's database."""


def publish(job: Job, last: bool = False) -> None:
    """Publish or refresh the artifacts of a run; the last time in any case."""
    if not last and monotonic() - job.published < INTERVAL:
        return
    job.published = monotonic()
    key = re.sub(r"[^a-z0-9]+", "-", job.story.id.lower()).strip("-")
    rows = [
        dict(zip(COLUMNS, (product, item, state, round(seconds, 2), reason), strict=True))
        for product, item, state, seconds, reason in job.rows
    ]
    note = f" The last {LAST} are listed; the ledger has them all." if len(rows) == LAST else ""
    create_table_artifact(rows, key=f"{key}-items", description=f"{job.summary()}.{note}")
    if job.newest:
        _publish_newest(job, key, job.newest)


def _publish_newest(job: Job, key: str, entry: Entry) -> None:
    api = ApiSettings().url.rstrip("/")
    item = f"{api}/collections/{job.story.id}/items/{entry.id}"
    thumbnail = _thumbnail(job, entry, api)
    if thumbnail:
        create_image_artifact(thumbnail, key=f"{key}-quicklook", description=entry.id)
    create_markdown_artifact(
        f"# {job.story.title}\n\n"
        f"- Newest item: [{entry.id}]({item})\n"
        f"- [Items]({api}/collections/{job.story.id}/items)\n"
        f"- [Map]({api}/#{job.story.id})\n",
        key=f"{key}-links",
        description="The collection in the catalogue and on the map",
    )


def _thumbnail(job: Job, entry: Entry, api: str) -> str | None:
    for asset in entry.item["assets"].values():
        if "thumbnail" in asset.get("roles", []):
            return public_href(asset["href"], job.store, StorageSettings(), api)
    return None
