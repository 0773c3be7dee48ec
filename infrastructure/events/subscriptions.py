"""Who is told of changes by webhook: subscribing, listing, ending; and the dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from infrastructure.addresses import ensure_public
from infrastructure.catalogue import BBox
from infrastructure.database import Connection, Database
from infrastructure.errors import Invalid, NotFound, Private, Unreachable, Unreadable
from infrastructure.events import outbox
from infrastructure.events.outbox import Position
from infrastructure.events.selection import Selection
from infrastructure.events.signature import new_secret

COLUMNS = (
    "id, url, collections, bbox, filter, txid::text::bigint AS txid, event, created, attempts,"
    " error, ended"
)


@dataclass(frozen=True)
class Subscription:
    """One address that is told of changes, and how far it is; never its secret."""

    id: UUID
    url: str
    collections: list[str] | None
    bbox: BBox | None
    """Degrees; west > east crosses the antimeridian."""
    filter: dict[str, Any] | None
    """CQL2 JSON."""
    txid: int = field(repr=False)
    event: int = field(repr=False)
    created: datetime
    attempts: int
    """Attempts at the delivery that is due."""
    error: str | None
    """Why the last attempt failed, if it did."""
    ended: datetime | None
    """When the receiver said that it is gone for good; it is told nothing any more."""

    @property
    def position(self) -> Position:
        """All up to here is done with."""
        return Position(self.txid, self.event)

    @property
    def selection(self) -> Selection:
        """What it is told of."""
        bbox = self.bbox and (self.bbox[0], self.bbox[1], self.bbox[2], self.bbox[3])
        return Selection(self.collections, bbox, self.filter)

    def document(self) -> dict[str, Any]:
        """What is told of it, as JSON has it."""
        return {
            "id": str(self.id),
            "url": self.url,
            "collections": self.collections,
            "bbox": self.bbox,
            "filter": self.filter,
            "position": str(self.position),
            "created": self.created.isoformat(),
            "attempts": self.attempts,
            "error": self.error,
            "ended": self.ended and self.ended.isoformat(),
        }


def subscribe(
    database: Database, url: str, selection: Selection, since: str, private_hosts: bool
) -> tuple[Subscription, str]:
    """Remember who is to be told; the secret is told here and never again.

    Args:
        database: Where subscriptions are kept.
        url: Address (http or https) that takes the POST requests.
        selection: What it is told of.
        since: Position behind which the events begin: `0-0` for all, `now` for new ones only.
        private_hosts: Whether the address may be on a private network.

    Raises:
        Invalid: the address cannot be delivered to, a collection is not in the catalogue, or
            `since` is no position.
    """
    check_address(url, private_hosts)
    secret = new_secret()
    with database.transaction() as connection:
        _ensure_known(connection, selection.collections or [])
        begin = outbox.now(connection) if since == "now" else outbox.position(since)
        condition = Jsonb(selection.filter) if selection.filter is not None else None
        bbox = list(selection.bbox) if selection.bbox else None
        row = connection.execute(
            "INSERT INTO swath.subscription (url, collections, bbox, filter, secret, txid, event)"
            " VALUES (%s, %s, %s, %s, %s, %s::xid8, %s) RETURNING id",
            [url, selection.collections, bbox, condition, secret, str(begin.txid), begin.id],
        ).fetchone()
        call(connection)
        found = _select(connection, "id = %s", row or ())
    return found[0], secret


def _ensure_known(connection: Connection, collections: list[str]) -> None:
    unknown = connection.execute(
        "SELECT unnest(%s::text[]) EXCEPT SELECT id FROM collections ORDER BY 1", [collections]
    ).fetchone()
    if unknown:
        raise Invalid(f"no collection '{unknown[0]}' in the catalogue")


def check_address(url: str, private_hosts: bool) -> None:
    """Refuse an address that cannot be delivered to.

    Raises:
        Invalid: it is none of the web, holds a password, or is on a private network.
    """
    try:
        parts = httpx.URL(url)
        ensure_public(url, private_hosts)
    except (Unreachable, Unreadable) as error:
        raise Invalid(refusal(parts.host, error)) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise Invalid(f"no address of a webhook: {error}") from error
    whole = parts.scheme in {"http", "https"} and parts.host and 0 < (parts.port or 80) < 65536
    if not whole or not url.isascii() or " " in url:
        raise Invalid("the address of a webhook is a whole http or https address")
    if parts.userinfo:
        raise Invalid("the address of a webhook holds no password: deliveries are signed")


def refusal(host: str, error: Unreachable | Unreadable) -> str:
    """Why an address is not delivered to, in the words of this setting."""
    if isinstance(error, Unreachable):
        return f"{host}: no address of that name"
    if isinstance(error, Private):
        return f"{host} is on a private network; see SWATH_EVENTS_PRIVATE_HOSTS"
    return f"no address of a webhook: {error}"


def subscriptions(database: Database) -> list[Subscription]:
    """All of them, oldest first."""
    with database.transaction() as connection:
        return _select(connection, "true", ())


def subscription(database: Database, id_: UUID) -> Subscription:
    """The subscription of an id.

    Raises:
        NotFound: there is none.
    """
    with database.transaction() as connection:
        found = _select(connection, "id = %s", [id_])
    if not found:
        raise NotFound(f"no subscription {id_}")
    return found[0]


def unsubscribe(database: Database, id_: UUID) -> None:
    """Forget a subscription and its dead letters.

    Raises:
        NotFound: there is none of that id.
    """
    with database.transaction() as connection:
        done = connection.execute("DELETE FROM swath.subscription WHERE id = %s", [id_])
    if not done.rowcount:
        raise NotFound(f"no subscription {id_}")


def call(connection: Connection) -> None:
    """Have the processes that deliver look at once."""
    connection.execute("SELECT pg_notify('swath_event', '')")


def _select(connection: Connection, where: str, values: Sequence[Any]) -> list[Subscription]:
    with connection.cursor(row_factory=class_row(Subscription)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM swath.subscription WHERE {where} ORDER BY created, id",  # noqa: S608
            values,
        ).fetchall()
