"""Look at jobs, and cancel them."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from flows.registration.catalogue_api import call
from infrastructure.errors import Invalid, NotFound

app = typer.Typer(help="Look at jobs, and cancel them: harvests, registrations, deregistrations.")

HELP = "Id of the job, or how it begins: four digits or more, as many as no other begins with."
JobArgument = Annotated[str, typer.Argument(metavar="JOB", help=HELP)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

BEGINNING = re.compile(r"[0-9A-Fa-f-]{4,35}")
"""What may be the beginning of an id; the whole of one has 36 characters."""

WHOLE = 32
"""Hexadecimal digits of an id, which may be written without hyphens."""

COLOURS = {"successful": "green", "failed": "red", "dismissed": "yellow"}
"""Status of a job -> colour."""


@app.command(name="list", epilog="Example: [bold]swath jobs list --status failed[/]")
def list_(
    status: Annotated[
        str | None,
        typer.Option(help="Only these, with commas: accepted, running, successful ..."),
    ] = None,
    process: Annotated[
        str | None, typer.Option(help="Only of harvest, register or deregister.")
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Only about this collection.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most that are listed.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List jobs, the newest first."""
    asked = {"status": status, "processID": process, "collection": collection, "limit": limit}
    page = call("GET", "jobs", params={k: v for k, v in asked.items() if v is not None})
    if as_json:
        typer.echo(json.dumps(page["jobs"], indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for job in page["jobs"]:
        _print_entry(console, job)
    console.print(f"{len(page['jobs'])} of {page['numberMatched']} jobs")


@app.command(epilog="Example: [bold]swath jobs show JOB[/]")
def show(job: JobArgument, as_json: JsonOption = False) -> None:
    """Show a job, and what became of each item."""
    job = _whole(job)
    told = call("GET", f"jobs/{job}")
    results = call("GET", f"jobs/{job}/results", params={"limit": 1000})
    if as_json:
        typer.echo(json.dumps({**told, "results": results["items"]}, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    _print_job(console, told)
    for result in results["items"]:
        reason = f"\n  {result['reason']}" if "reason" in result else ""
        name = result.get("item", result["upstreamId"])
        console.print(Text(f"{result['state']} {result['collection']}/{name}{reason}"))
    if results["numberMatched"] > len(results["items"]):
        console.print(f"... {results['numberMatched']} in all")


@app.command(epilog="Example: [bold]swath jobs cancel JOB[/]")
def cancel(job: JobArgument, as_json: JsonOption = False) -> None:
    """Cancel a job that has not ended; what it did before stays."""
    told = call("DELETE", f"jobs/{_whole(job)}")
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo(f"{told['jobID']} {told['status']}")


def _whole(job: str) -> str:
    """The id that begins so; what cannot be the beginning of one is left as it is.

    Raises:
        NotFound: there is none.
        Invalid: there are several.
    """
    if not BEGINNING.fullmatch(job) or len(job.replace("-", "")) == WHOLE:
        return job
    page = call("GET", "jobs", params={"prefix": job, "limit": 2})
    ids = [str(each["jobID"]) for each in page["jobs"]]
    if not ids:
        raise NotFound(f"no job begins with {job}")
    if len(ids) > 1:
        number = page["numberMatched"]
        raise Invalid(f"{number} jobs begin with {job}, such as {' and '.join(ids)}: say more")
    return ids[0]


def _print_entry(console: Console, job: dict[str, Any]) -> None:
    """A job in two lines: an id of 36 characters leaves no room for a table."""
    what = f" {job['processID']} {job.get('collection', '')}".rstrip()
    console.print(Text.assemble((job["jobID"], "bold"), what))
    status = (job["status"], COLOURS.get(job["status"], ""))
    told = f" {_second(job['created'])} {job.get('message', '')}".rstrip()
    console.print(Text.assemble("  ", status, told))


def _second(moment: str) -> str:
    """The moment without fractions of its second."""
    return datetime.fromisoformat(moment).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _print_job(console: Console, job: dict[str, Any]) -> None:
    for name in ("jobID", "processID", "collection", "status", "message"):
        if name in job:
            console.print(Text.assemble((f"{name}: ", "bold"), str(job[name])))
    for name in ("created", "started", "finished"):
        if name in job:
            console.print(Text.assemble((f"{name}: ", "bold"), _second(job[name])))
