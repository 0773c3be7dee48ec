"""Who is told of changes by webhook; only those who may write see and change it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.body import described, parsed
from api.security import writer
from infrastructure.events import subscriptions
from infrastructure.events.feed import Feed
from infrastructure.events.selection import selection

router = APIRouter(tags=["Events"], dependencies=[Depends(writer)])


class Wish(BaseModel):
    """What somebody wants to be told of, and where."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Address (http or https) that takes the POST requests.")
    collections: list[str] | None = Field(None, description="Only these; all if left out.")
    bbox: list[float] | None = Field(None, description="West, south, east, north in degrees.")
    filter: dict[str, Any] | str | None = Field(None, description="CQL2 about the item.")
    since: str = Field("now", description="Position, `now`, or `0-0` for the beginning.")


@router.post("/subscriptions", status_code=201, openapi_extra=described(Wish))
def subscribe(
    wish: Annotated[Wish, Depends(parsed(Wish))], request: Request, response: Response
) -> dict[str, Any]:
    """Subscribe; the answer holds the secret of the signatures, which is told only here."""
    feed: Feed = request.app.state.feed
    wanted = selection(wish.collections, wish.bbox, wish.filter)
    made, secret = subscriptions.subscribe(
        feed.database, wish.url, wanted, wish.since, feed.settings.private_hosts
    )
    response.headers["Location"] = str(request.url_for("subscription", subscription=made.id))
    return {**made.document(), "secret": secret}


@router.get("/subscriptions", name="subscriptions")
def list_(request: Request) -> dict[str, Any]:
    """All subscriptions and how far they are, oldest first; without their secrets."""
    found = subscriptions.subscriptions(request.app.state.feed.database)
    return {"subscriptions": [each.document() for each in found]}


@router.get("/subscriptions/{subscription}", name="subscription")
def one(subscription: UUID, request: Request) -> dict[str, Any]:
    """One subscription and how far it is."""
    found = subscriptions.subscription(request.app.state.feed.database, subscription)
    return found.document()


@router.delete("/subscriptions/{subscription}", status_code=204)
def unsubscribe(subscription: UUID, request: Request) -> None:
    """Forget a subscription and its dead letters."""
    subscriptions.unsubscribe(request.app.state.feed.database, subscription)
