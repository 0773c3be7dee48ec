"""Every collection's MapProxy application, kept in step with the catalogue.

The catalogue is asked for versions at most once a second; a collection is read and configured
again when its version changes. What fails keeps what worked: a broken configuration leaves the
last good one in service, and an unreachable catalogue leaves all of them.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Any

from infrastructure.errors import Misconfigured, NotFound, SwathError, Transient, Unreachable
from infrastructure.settings import TilesSettings
from tiling.answer import WsgiApp
from tiling.cache import drop, sweep
from tiling.layers import configuration, layer_names
from tiling.plugin import build
from tiling.services import Place
from tiling.source import Opener

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two questions for the versions."""
KEPT = 100
"""Applications that stay in memory; about 2 MB each."""


@dataclass(frozen=True)
class Entry:
    """What is known of one collection."""

    version: int
    document: dict[str, Any]
    configuration: dict[str, Any] | None = None
    """The newest that was good."""
    fault: str | None = None
    """Why the newest is not in service."""


class Maps:
    """The applications by collection id; safe to use from many threads."""

    def __init__(
        self,
        catalogue: Opener,
        settings: TilesSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._asking = Lock()
        self._asked = float("-inf")
        self._versions: dict[str, int] | None = None
        self._entries: dict[str, Entry] = {}
        self._apps: dict[str, tuple[dict[str, Any], WsgiApp]] = {}
        self._days: dict[str, tuple[int, list[date]]] = {}
        """Collection id -> a version of it, and its days then."""
        self.fault: str | None = None
        """Why the catalogue could not be asked the last time."""

    def versions(self) -> dict[str, int]:
        """Collection id -> version, at most a second old unless the catalogue is unreachable.

        Raises:
            Transient: the catalogue never answered so far.
        """
        # Whoever finds the answer old asks anew; the others go on with it rather than wait.
        if self._asking.acquire(blocking=self._versions is None):
            try:
                if self._clock() - self._asked >= POLL:
                    self._ask()
            finally:
                self._asking.release()
        if self._versions is None:
            raise Unreachable(self.fault or "the catalogue does not answer")
        return self._versions

    def _ask(self) -> None:
        try:
            self._versions = self._catalogue().collections()
            self.fault = None
        except Transient as error:
            log.warning("the catalogue does not answer: %s", error)
            self.fault = "the catalogue does not answer"
        self._asked = self._clock()
        with self._lock:
            gone = self._entries.keys() - (self._versions or {}).keys()
            for collection in gone:
                del self._entries[collection]
                self._apps.pop(collection, None)
                self._days.pop(collection, None)
        for collection in gone:
            # A collection of that id may come again and count its versions from the start.
            drop(self._settings.cache, collection)

    def entry(self, collection: str) -> Entry:
        """The collection's entry, read again if its version changed.

        Raises:
            NotFound: the catalogue has no such collection.
            Transient: the catalogue does not answer, and the collection was not read before.
        """
        version = self.versions().get(collection)
        if version is None:
            raise NotFound(f"There is no collection '{collection}'.")
        with self._lock:
            known = self._entries.get(collection)
            if known is None or known.version != version:
                if known is not None and version < known.version:
                    # It was removed, and one of that id has come: its versions start anew.
                    drop(self._settings.cache, collection)
                known = self._read(collection, version, known)
                self._entries[collection] = known
            return known

    def _read(self, collection: str, version: int, known: Entry | None) -> Entry:
        try:
            document = self._catalogue().collection(collection)
        except Transient:
            if known is None:
                raise
            return known
        last = known.configuration if known else None
        place = Place(self._settings.cache, version, self._settings.url.rstrip("/"))
        try:
            return Entry(version, document, self._configured(document, place))
        except (Misconfigured, KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("collection %s is not configured: %s", collection, error)
            reason = str(error) if isinstance(error, SwathError) else f"not valid: {error!r}"
            return Entry(version, document, last, reason)

    def _configured(self, document: dict[str, Any], place: Place) -> dict[str, Any] | None:
        return configuration(document, place) if layer_names(document) else None

    def configuration(self, collection: str) -> dict[str, Any]:
        """The newest good configuration of a collection.

        Raises:
            NotFound: there is no such collection, or it has no renders.
            Misconfigured: no configuration of it was ever good.
            Transient: the catalogue does not answer.
        """
        entry = self.entry(collection)
        if entry.configuration is not None:
            return entry.configuration
        if entry.fault is not None:
            raise Misconfigured(entry.fault)
        raise NotFound(f"Collection '{collection}' has no renders, hence no map.")

    def days(self, collection: str) -> list[date]:
        """The days (UTC, ascending) on which a collection has items.

        Raises:
            NotFound: there is no such collection.
            Transient: the catalogue does not answer, and never told them.
        """
        version, known = self.entry(collection).version, self._days.get(collection)
        if known is None or known[0] != version:
            try:
                known = version, self._catalogue().days(collection)
            except Transient:
                if known is None:
                    raise
                return known[1]
            self._days[collection] = known
        return known[1]

    def app(self, collection: str) -> WsgiApp:
        """The collection's application.

        Raises:
            NotFound, Misconfigured, Transient: as `configuration`.
        """
        newest = self.configuration(collection)
        with self._lock:
            last = self._apps.pop(collection, None)
            made = last
            if made is None or made[0] is not newest:
                made = (newest, self._make(collection, newest, last[1] if last else None))
            # At the end of the dictionary: the one that was not asked for longest is the first.
            self._apps[collection] = made
            if len(self._apps) > KEPT:
                del self._apps[next(iter(self._apps))]
            version = self._entries[collection].version
        if last is not None and made[1] is not last[1]:
            sweep(self._settings.cache, collection, version)
        return made[1]

    def _make(self, collection: str, newest: dict[str, Any], last: WsgiApp | None) -> WsgiApp:
        settings, entry = self._settings, self._entries[collection]
        try:
            return build(newest, settings.cache, self._catalogue, settings.max_items)
        except Misconfigured as error:
            log.warning("collection %s is not served anew: %s", collection, error)
            kept = entry.configuration if last is not None else None
            self._entries[collection] = replace(entry, fault=str(error), configuration=kept)
            if last is None:
                raise
            return last

    def entries(self) -> dict[str, Entry]:
        """Every collection's entry; one that is removed just now is left out.

        Raises:
            Transient: the catalogue does not answer.
        """
        found = {}
        for collection in self.versions():
            with suppress(NotFound):
                found[collection] = self.entry(collection)
        return found

    def broken(self) -> dict[str, str]:
        """Collection id -> why its newest configuration is not in service."""
        return {name: entry.fault for name, entry in self.entries().items() if entry.fault}
