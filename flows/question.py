"""What a run asks of one of its collection's sources."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from requests.auth import AuthBase, HTTPBasicAuth

from flows.collection import CollectionFile
from flows.found import Found
from flows.narrow import interval
from flows.origin import Credentials, Secret, Source
from flows.scope import Interval, Scope
from infrastructure import orchestrator, plugins
from infrastructure.addresses import split
from infrastructure.errors import Invalid, Misconfigured
from infrastructure.http import HeaderAuth, Http
from infrastructure.ledger import Cursor
from infrastructure.settings import HarvestSettings


@dataclass(frozen=True)
class Wish:
    """What the person or the schedule that started a run wants of it."""

    full: bool = False
    """Look at everything again, known or not."""
    since: datetime | None = None
    """Only what upstream changed at this moment or later, instead of since the cursor."""
    until: datetime | None = None
    """Only what upstream changed before this moment."""
    window: Interval | None = None
    """Only what was acquired in this interval: a window of a backfill."""
    yes: bool = False
    """Deregister what is gone even if it is more than the limit."""
    notice: dict[str, Any] | None = None
    """Only what this message of the upstream is about, such as a bucket's event."""

    @property
    def bounded(self) -> bool:
        """Whether it looks at a part only, so that nothing can be said of the rest."""
        return bool(self.since or self.until or self.window or self.notice)


@dataclass(frozen=True)
class Question:
    """A source, and what is asked of it."""

    name: str
    source: Source
    plugin: ModuleType
    scope: Scope
    wish: Wish

    def answer(self) -> Iterator[Found]:
        """What the source gives, from the beginning.

        Raises:
            Misconfigured: it is to answer a message, and its source has none.
        """
        self.scope.pushed.clear()
        if self.wish.notice is None:
            found: Iterator[Found] = self.plugin.search(self.scope, **self.source.options())
            return found
        if not hasattr(self.plugin, "from_event"):
            raise Misconfigured(f"a source of type '{self.source.type}' has no events")
        noted: Iterator[Found] = self.plugin.from_event(
            self.scope, self.wish.notice, **self.source.options()
        )
        return noted

    @property
    def whole(self) -> bool:
        """Whether the answer is all that the source has: a full sweep.

        An upstream that cannot tell what changed since the cursor answers with everything.
        """
        return not self.wish.bounded and (
            self.scope.since is None or "since" not in self.scope.pushed
        )


def moment(text: str) -> datetime:
    """A moment of RFC 3339, with its time zone; without one it is UTC, and a date is its beginning.

    Raises:
        Invalid: it is none.
    """
    try:
        return _zoned(datetime.fromisoformat(text))
    except ValueError as error:
        raise Invalid(
            f"'{text}' is no moment: it is written such as 2024-01-31 or 2024-01-31T10:00:00Z"
        ) from error


def ask(story: CollectionFile, name: str, cursor: Cursor, wish: Wish, now: datetime) -> Question:
    """Put the question to a source of a collection.

    Raises:
        Misconfigured: there is no such plug-in, or a secret is missing.
    """
    source = story.origins()[name]
    plugin = plugins.load("flows.sources", source.type)
    since = wish.since and _zoned(wish.since)
    if not (wish.bounded or wish.full) and _continues(story, source, plugin, cursor, now):
        since = cursor.position - source.overlap if cursor.position else None
    scope = Scope(
        base=story.path.parent,
        http=_http(source),
        since=since,
        until=wish.until and _zoned(wish.until),
        bbox=source.bbox,
        time=_meet(interval(source.datetime) if source.datetime else None, wish.window),
        filter=source.filter if isinstance(source.filter, dict) else None,
        mapping=source.mapping,
    )
    return Question(name, source, plugin, scope, wish)


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _http(source: Source) -> Http:
    """A session for the source's own host; others are asked if they are public."""
    return Http(
        auth=_auth(source.credentials),
        rate=source.rate,
        private=HarvestSettings().private_hosts,
        trusted=split(str(source.options().get("url", ""))).hostname,
        timeout=(10.0, source.timeout),
    )


def _continues(
    story: CollectionFile, source: Source, plugin: ModuleType, cursor: Cursor, now: datetime
) -> bool:
    """Whether a harvest only asks for what changed: the source can, and a sweep is not due."""
    if not (source.incremental and getattr(plugin, "INCREMENTAL", False) and cursor.swept):
        return False
    return now - cursor.swept < story.deletions.sweep


def _meet(own: Interval | None, window: Interval | None) -> Interval | None:
    if own is None or window is None:
        return own or window
    starts = [moment for moment in (own[0], window[0]) if moment]
    ends = [moment for moment in (own[1], window[1]) if moment]
    return max(starts, default=None), min(ends, default=None)


def _auth(credentials: Credentials | None) -> AuthBase | None:
    if credentials is None:
        return None
    if credentials.basic:
        user, _, password = _secret(credentials.basic).partition(":")
        return HTTPBasicAuth(user, password)
    if credentials.bearer:
        return HeaderAuth("Authorization", f"Bearer {_secret(credentials.bearer)}")
    header = credentials.header
    return HeaderAuth(header.name, _secret(header)) if header else None


def _secret(secret: Secret) -> str:
    if secret.block:
        return orchestrator.secret(secret.block)
    value = os.environ.get(secret.env or "")
    if not value:
        raise Misconfigured(f"the environment has no variable {secret.env} with the credentials")
    return value
