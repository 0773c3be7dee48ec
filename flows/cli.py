"""Harvest collections, look at quarantine, deregister items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infrastructure.catalogue import Catalogue
from infrastructure.errors import NotFound
from infrastructure.ledger import Ledger
from infrastructure.settings import DatabaseSettings, HarvestSettings

app = typer.Typer(help="Harvest collections, look at quarantine, deregister items.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog="Example: [bold]swath harvest run landsat8-itaipu[/]")
def run(
    collection: Annotated[str, typer.Argument(help="Id of a collection file.")],
    full: Annotated[bool, typer.Option(help="Look at everything again, known or not.")] = False,
    detach: Annotated[bool, typer.Option(help="Do not wait for the end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Harvest a collection now, and show how far it is. Exit status: 0 completed, 1 failed."""
    from flows.follow import follow
    from infrastructure import orchestrator

    name, parameters = f"harvest/{collection}", {"collection": collection, "full": full}
    run_id = orchestrator.run_deployment(name, parameters)
    if detach:
        typer.echo(json.dumps({"run": str(run_id)}) if as_json else str(run_id))
        return
    ended = follow(run_id, quiet=as_json)
    if as_json:
        typer.echo(json.dumps({"run": str(run_id), **asdict(ended)}))
    else:
        Console(highlight=False, soft_wrap=True).print(
            Text(ended.state, "green" if ended.completed else "red"), Text(ended.message)
        )
    if not ended.completed:
        raise typer.Exit(1)


@app.command(name="list", epilog="Example: [bold]swath harvest list --json[/]")
def list_(as_json: JsonOption = False) -> None:
    """List the collection files, with their items and schedules."""
    from flows import collection as collections

    stories = collections.load_all(HarvestSettings().collections)
    with Catalogue(DatabaseSettings()).check() as catalogue:
        rows = [
            {
                "collection": story.id,
                "title": story.title,
                "items": catalogue.count(story.id),
                "source": story.source.type,
                "schedule": story.schedule or "by hand",
            }
            for story in stories.values()
        ]
    _print(rows, as_json)


@app.command(epilog="Example: [bold]swath harvest quarantine landsat8-itaipu[/]")
def quarantine(
    collection: Annotated[
        str | None, typer.Argument(help="One collection; all if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List what could not be registered, and why."""
    with Catalogue(DatabaseSettings()).check() as catalogue:
        found = Ledger(catalogue).quarantined(collection)
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in found], indent=2, default=str))
        return
    console = Console(highlight=False, soft_wrap=True)
    for entry in found:
        told = f" {entry.upstream_id}\n  {entry.reason}"
        console.print(Text.assemble((entry.collection, "bold"), told))
    console.print(f"{len(found)} in quarantine")


@app.command(epilog="Example: [bold]swath harvest retry landsat8-itaipu[/]")
def retry(
    collection: Annotated[str, typer.Argument(help="Id of the collection.")],
    products: Annotated[list[str] | None, typer.Argument(help="Products; all if left out.")] = None,
) -> None:
    """Let the next harvest try products in quarantine again."""
    with Catalogue(DatabaseSettings()).check() as catalogue:
        number = Ledger(catalogue).release(collection, products)
    typer.echo(f"{number} released; `swath harvest run {collection}` tries them again")


@app.command(epilog="Example: [bold]swath harvest deregister landsat8-itaipu ITEM[/]")
def deregister(
    collection: Annotated[str, typer.Argument(help="Id of the collection.")],
    items: Annotated[list[str], typer.Argument(help="Ids of items.")],
) -> None:
    """Remove items from the catalogue, with their records and the files made for them."""
    from flows.deregister import remove

    removed = remove(collection, items)
    typer.echo(f"{len(removed)} deregistered")
    if missing := sorted(set(items) - set(removed)):
        raise NotFound(f"not in '{collection}': {', '.join(missing)}")


@app.command(epilog="Example: [bold]swath harvest deploy[/]")
def deploy() -> None:
    """Make or renew the Prefect deployments of the collection files."""
    from flows.deploy import deploy

    for name in deploy():
        typer.echo(name)


def _print(rows: Sequence[Mapping[str, object]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        typer.echo("nothing")
        return
    table = Table(*rows[0], box=None, header_style="bold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))
    Console(highlight=False).print(table)
