"""Look at jobs, and cancel them."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.registration.catalogue_api import call

app = typer.Typer(help="Look at jobs, and cancel them: harvests, registrations, deregistrations.")

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="Id of the job.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
    table = Table("job", "process", "collection", "status", "created", "message", box=None)
    for job in page["jobs"]:
        names = ("jobID", "processID", "collection", "status", "created", "message")
        table.add_row(*(Text(str(job.get(name, ""))) for name in names))
    Console(highlight=False, soft_wrap=True).print(table)
    Console(highlight=False).print(f"{len(page['jobs'])} of {page['numberMatched']} jobs")


@app.command(epilog="Example: [bold]swath jobs show JOB[/]")
def show(job: JobArgument, as_json: JsonOption = False) -> None:
    """Show a job, and what became of each item."""
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
    told = call("DELETE", f"jobs/{job}")
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo(f"{told['jobID']} {told['status']}")


def _print_job(console: Console, job: dict[str, Any]) -> None:
    for name in ("jobID", "processID", "collection", "status", "message"):
        if name in job:
            console.print(Text.assemble((f"{name}: ", "bold"), str(job[name])))
    for name in ("created", "started", "finished"):
        if name in job:
            console.print(Text.assemble((f"{name}: ", "bold"), job[name]))
