"""Look at what could not be registered, and decide what becomes of it."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from infrastructure.catalogue import Catalogue
from infrastructure.quarantine import Quarantine
from infrastructure.settings import DatabaseSettings

app = typer.Typer(help="Look at what could not be registered, and decide what becomes of it.")

Collection = Annotated[str, typer.Argument(help="Id of the collection.")]
Products = Annotated[list[str] | None, typer.Argument(help="Products or records; all if left out.")]


@app.command(name="list", epilog="Example: [bold]swath quarantine list landsat8-itaipu[/]")
def list_(
    collection: Annotated[
        str | None, typer.Argument(help="One collection; all if left out.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most that are listed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what could not be registered, and why; the newest first."""
    with Catalogue(DatabaseSettings()).check() as catalogue:
        found = Quarantine(catalogue).list(collection, limit)
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in found], indent=2, default=str))
        return
    console = Console(highlight=False, soft_wrap=True)
    for entry in found:
        told = f" {entry.upstream_id}\n  {entry.reason}"
        console.print(Text.assemble((entry.collection, "bold"), told))
    console.print(f"{len(found)} in quarantine")


@app.command(epilog="Example: [bold]swath quarantine show landsat8-itaipu PRODUCT[/]")
def show(
    collection: Collection,
    product: Annotated[str, typer.Argument(help="The product or record.")],
) -> None:
    """Print the original of a record, as it came; of a product, its files."""
    with Catalogue(DatabaseSettings()).check() as catalogue:
        original = Quarantine(catalogue).original(collection, product)
    sys.stdout.buffer.write(original.content)
    if sys.stdout.isatty():
        typer.echo()


@app.command(epilog="Example: [bold]swath quarantine retry landsat8-itaipu[/]")
def retry(collection: Collection, products: Products = None) -> None:
    """Let the next harvest try again."""
    with Catalogue(DatabaseSettings()).check() as catalogue:
        number = Quarantine(catalogue).retry(collection, products)
    typer.echo(f"{number} released; `swath harvest run {collection}` tries them again")


@app.command(epilog="Example: [bold]swath quarantine drop landsat8-itaipu PRODUCT[/]")
def drop(collection: Collection, products: Products = None) -> None:
    """Give products up: they are tried again only when upstream changes them."""
    with Catalogue(DatabaseSettings()).check() as catalogue:
        number = Quarantine(catalogue).drop(collection, products)
    typer.echo(f"{number} dropped")
