"""Harvest collections, deregister items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid, Misconfigured, NotFound
from infrastructure.jobs import Jobs
from infrastructure.settings import DatabaseSettings, HarvestSettings

app = typer.Typer(help="Harvest collections, deregister items.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


Collection = Annotated[str, typer.Argument(help="Id of a collection file.")]
Full = Annotated[bool, typer.Option("--full", help="Look at everything again, known or not.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")]
Yes = Annotated[
    bool, typer.Option("--yes", help="Deregister what is gone, even if it is more than the limit.")
]
Since = Annotated[
    str | None, typer.Option(help="Only what upstream changed at this moment (RFC 3339) or later.")
]
Until = Annotated[str | None, typer.Option(help="Only what upstream changed before this moment.")]


@app.command(epilog="Example: [bold]swath harvest run landsat8-itaipu[/]")
def run(  # noqa: PLR0913 - what a person may ask for
    collection: Collection,
    *,
    full: Full = False,
    since: Since = None,
    until: Until = None,
    yes: Yes = False,
    detach: Detach = False,
    as_json: JsonOption = False,
) -> None:
    """Harvest a collection now, and show how far it is. Exit status: 0 completed, 1 failed."""
    wish = {"full": full, **_changed(since, until), "yes": yes}
    _start({"collection": collection, **wish}, detach, as_json)


@app.command(
    epilog="Example: [bold]swath harvest backfill sentinel-2 2015-06-23/2020-01-01 --window P30D[/]"
)
def backfill(  # noqa: PLR0913 - what a person may ask for
    collection: Collection,
    acquired: Annotated[str, typer.Argument(help="Interval of acquisition: START/END, RFC 3339.")],
    *,
    window: Annotated[
        str | None, typer.Option(help="Length of a window, an ISO 8601 duration such as P30D.")
    ] = None,
    full: Full = False,
    detach: Detach = False,
    as_json: JsonOption = False,
) -> None:
    """Harvest what was acquired in an interval, window by window; it can be stopped and resumed."""
    from flows.backfill import duration, windows

    windows(acquired, duration(window) if window is not None else None)
    parameters = {"acquired": acquired, "window": window, "full": full}
    _start({"collection": collection, **parameters}, detach, as_json)


def _changed(since: str | None, until: str | None) -> dict[str, str | None]:
    """The bounds as the flow takes them: RFC 3339, with a time zone."""
    from flows.question import moment

    given = {"since": since, "until": until}
    bounds = {
        name: None if text is None else moment(text).isoformat() for name, text in given.items()
    }
    if since and until and moment(since) >= moment(until):
        raise Invalid(f"--since {since} is not before --until {until}")
    return bounds


def _start(parameters: dict[str, Any], detach: bool, as_json: bool) -> None:
    """Start a run of the collection's deployment, and follow it."""
    from flows.follow import follow
    from infrastructure import orchestrator
    from infrastructure.job_states import bury_harvests

    with Catalogue(DatabaseSettings()).check() as catalogue:
        bury_harvests(Jobs(catalogue), parameters["collection"])
    wanted = {key: value for key, value in parameters.items() if value not in (None, False)}
    try:
        run_id = orchestrator.run_deployment(f"harvest/{parameters['collection']}", wanted)
    except NotFound as error:
        raise _not_deployed(parameters["collection"]) from error
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


def _not_deployed(collection: str) -> NotFound:
    """Why Prefect does not know a collection's deployment.

    Raises:
        NotFound: it has no file.
        Misconfigured: its file is wrong.
    """
    from flows import collection as collections

    collections.find(HarvestSettings().collections, collection)
    return NotFound(f"'{collection}' is not deployed yet: `swath harvest deploy` does it")


@app.command(name="list", epilog="Example: [bold]swath harvest list --json[/]")
def list_(as_json: JsonOption = False) -> None:
    """List the collection files, with their items and schedules; then what is wrong in others."""
    from flows import collection as collections
    from flows.product import check

    stories, faults = collections.survey(HarvestSettings().collections, check)
    with Catalogue(DatabaseSettings()).check() as catalogue:
        rows = [
            {
                "collection": story.id,
                "title": story.title,
                "items": catalogue.count(story.id),
                "source": ", ".join(source.type for source in story.origins().values()),
                "schedule": str(story.schedule or "by hand"),
            }
            for story in stories.values()
        ]
    _print(rows, as_json)
    if faults:
        raise Misconfigured("; ".join(faults))


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


@app.command(name="import", epilog="Example: [bold]swath harvest import hr-data-access.yaml[/]")
def import_(
    file: Annotated[Path, typer.Argument(help="YAML: a harvester's, or values of the chart.")],
    output: Annotated[
        Path | None, typer.Option(help="Folder for them; that of the collection files if left out.")
    ] = None,
) -> None:
    """Make collection files of an EOEPCA harvester's or data access's configuration."""
    from flows.importing import convert

    for path in convert(file, output or HarvestSettings().collections):
        typer.echo(str(path))


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
