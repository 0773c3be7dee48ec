"""Register one product, document or service, by its address or from a file."""

import json
from pathlib import Path
from time import sleep
from typing import Annotated, Any, get_args

import typer
from lxml import etree
from rich.console import Console
from rich.text import Text

from flows.registration.catalogue_api import call
from infrastructure import safe_xml
from infrastructure.errors import Invalid
from infrastructure.orders import Type

app = typer.Typer(help="Register one product, document or service.")

TYPES = ", ".join(get_args(Type))
SUFFIXES = {".cwl": "application", ".xml": "iso", ".json": "", ".geojson": "stac-item"}
"""Suffix of a local file -> its type; JSON tells itself."""

INTERVAL = 0.5
"""Seconds between two looks at a job."""


@app.command(
    epilog="Example: [bold]swath register https://example.com/item.json --type stac-item"
    " --collection landsat8-itaipu[/]"
)
def register(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS_OR_FILE",
            help="Address (http, https, s3, file), or a file or folder of this machine: the"
            " content of a document is sent, a product is read where it is.",
        ),
    ],
    collection: Annotated[
        str | None, typer.Option(help="Id of the collection; some documents tell it themselves.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", help=f"One of {TYPES}. A local file may tell it itself."),
    ] = None,
    detach: Annotated[bool, typer.Option(help="Do not wait for the end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the job as JSON.")] = False,
) -> None:
    """Register one product, document or service. Exit status: 0 registered, 1 not."""
    order = {"collection": collection, **_order(what, kind)}
    job = call("POST", "registration", json={k: v for k, v in order.items() if v is not None})
    if not detach:
        job = follow(job, quiet=as_json)
    if as_json:
        typer.echo(json.dumps(job, indent=2))
    elif detach:
        typer.echo(job["jobID"])
    else:
        _tell(job)
    if job["status"] in {"failed", "dismissed"}:
        raise typer.Exit(1)


def follow(job: dict[str, Any], quiet: bool = False) -> dict[str, Any]:
    """Look at a job until it has ended, and show what it does."""
    console = Console(quiet=quiet, highlight=False, stderr=True)
    with console.status("accepted") as status:
        while job["status"] in {"accepted", "running"}:
            sleep(INTERVAL)
            job = call("GET", f"jobs/{job['jobID']}")
            status.update(Text(str(job.get("message") or job["status"])))
    return job


def _tell(job: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    good = job["status"] == "successful"
    console.print(Text(job["status"], "green" if good else "red"), Text(job.get("message", "")))
    for result in call("GET", f"jobs/{job['jobID']}/results", params={"limit": 1000})["items"]:
        if result["state"] == "quarantined":
            console.print(Text(f"{result['upstreamId']}\n  {result['reason']}"))


def _order(what: str, kind: str | None) -> dict[str, Any]:
    """Type, and address or content."""
    path = Path(what)
    if "://" in what or not path.exists():
        if kind is None:
            raise Invalid(f"say the --type of {what}: one of {TYPES}")
        return {"type": kind, "url": what}
    kind = kind or _guessed(path)
    if kind == "product":
        return {"type": kind, "url": path.resolve().as_uri()}
    return {"type": kind, "content": _content(path, kind)}


def _guessed(path: Path) -> str:
    if path.is_dir() or path.suffix.lower() not in SUFFIXES:
        return "product"
    known = SUFFIXES[path.suffix.lower()]
    if known:
        return known
    document = _json(path)
    is_collection = isinstance(document, dict) and document.get("type") == "Collection"
    return "stac-collection" if is_collection else "stac-item"


def _content(path: Path, kind: str) -> Any:
    if kind in {"stac-item", "stac-collection"}:
        return _json(path)
    if kind == "iso":  # a record says itself how its characters are written
        return etree.tostring(safe_xml.parse(path.read_bytes(), str(path)), encoding="unicode")
    return path.read_text("utf-8")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise Invalid(f"{path}: no JSON: {error}") from error
