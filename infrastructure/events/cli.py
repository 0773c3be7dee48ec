"""Tell others of changes by webhook, and look after what could not be delivered."""

import json
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.text import Text

from infrastructure.database import Database
from infrastructure.events import letters, subscriptions
from infrastructure.events.selection import selection
from infrastructure.settings import DatabaseSettings, EventsSettings

app = typer.Typer(
    help="Tell others of changes by webhook, and look after what could not be delivered.",
    no_args_is_help=True,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IdArgument = Annotated[UUID, typer.Argument(help="Id of the subscription.")]


@app.command(
    epilog="Example: [bold]swath events subscribe https://example.org/hook --collection scenes"
    " --filter 'eo:cloud_cover < 10'[/]"
)
def subscribe(  # noqa: PLR0913, PLR0917 - one call says all that is wanted
    url: Annotated[str, typer.Argument(help="Address that takes the POST requests.")],
    collection: Annotated[
        list[str] | None, typer.Option(help="Only this collection; may be given again.")
    ] = None,
    bbox: Annotated[
        str | None, typer.Option(metavar="W,S,E,N", help="Only what meets this box; degrees.")
    ] = None,
    filter_: Annotated[
        str | None, typer.Option("--filter", help="Only items this CQL2 is true of.")
    ] = None,
    since: Annotated[
        str, typer.Option(help="`now`, `0-0` for all that are kept, or a position.")
    ] = "now",
    as_json: JsonOption = False,
) -> None:
    """Have an address told of changes; prints the secret of the signatures, only this once."""
    wanted, private_hosts = selection(collection, bbox, filter_), EventsSettings().private_hosts
    with Database(DatabaseSettings()).check() as database:
        made, secret = subscriptions.subscribe(database, url, wanted, since, private_hosts)
    if as_json:
        typer.echo(json.dumps({**made.document(), "secret": secret}))
        return
    typer.echo(f"{made.id} is told from now on" if since == "now" else f"{made.id} is told")
    typer.echo(f"secret, not shown again: {secret}")


@app.command(name="list", epilog="Example: [bold]swath events list --json[/]")
def list_(as_json: JsonOption = False) -> None:
    """List who is told of changes, and how far they are."""
    with Database(DatabaseSettings()).check() as database:
        found = subscriptions.subscriptions(database)
    if as_json:
        typer.echo(json.dumps([each.document() for each in found], indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for each in found:
        console.print(Text.assemble((str(each.id), "bold"), f" {each.url}"))
        console.print(Text(f"  {_wanted(each)}; up to {each.position}"))
        if each.error:
            state = "ended" if each.ended else f"failing, attempt {each.attempts}"
            console.print(Text(f"  {state}: {each.error}", "red"))
    console.print(f"{len(found)} subscriptions")


@app.command(epilog="Example: [bold]swath events unsubscribe 0b3c7b0e-...[/]")
def unsubscribe(subscription: IdArgument) -> None:
    """Tell an address nothing any more, and forget its dead letters."""
    with Database(DatabaseSettings()).check() as database:
        subscriptions.unsubscribe(database, subscription)
    typer.echo(f"{subscription} is forgotten")


@app.command(epilog="Example: [bold]swath events dead[/]")
def dead(
    subscription: Annotated[
        UUID | None, typer.Argument(help="One subscription; all if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the deliveries that were given up, and why."""
    with Database(DatabaseSettings()).check() as database:
        found = letters.dead_letters(database, subscription)
    if as_json:
        typer.echo(json.dumps([letter.document() for letter in found], indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for letter in found:
        body = letter.body
        what = f"{body['type']} {body['data']['collection']} {body['data']['item']}"
        console.print(Text.assemble((f"{letter.subscription} {letter.event}", "bold"), f" {what}"))
        again = "; is sent again" if letter.replay else ""
        console.print(Text(f"  {letter.error} ({letter.attempts} attempts){again}"))
    console.print(f"{len(found)} dead letters")


@app.command(epilog="Example: [bold]swath events replay 0b3c7b0e-... 1207[/]")
def replay(
    subscription: IdArgument,
    events: Annotated[
        list[int] | None, typer.Argument(help="Numbers that `dead` shows; all if left out.")
    ] = None,
) -> None:
    """Have deliveries that were given up sent again, once each."""
    with Database(DatabaseSettings()).check() as database:
        number = letters.replay(database, subscription, events)
    typer.echo(f"{number} are sent again; what fails stays in `swath events dead`")


def _wanted(each: subscriptions.Subscription) -> str:
    """What a subscription asks for, in one line."""
    parts = [", ".join(each.collections) if each.collections else "every collection"]
    if each.bbox:
        parts.append("bbox " + ",".join(f"{number:g}" for number in each.bbox))
    if each.filter is not None:
        parts.append(json.dumps(each.filter))
    return "; ".join(parts)
