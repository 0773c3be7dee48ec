"""Look at products in a folder or archive: what the readers make of them; nothing is registered."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from flows import collection as collections
from flows.collection import CollectionFile
from flows.found import Found
from flows.packages.archive import unpacked
from flows.packages.products import Scene
from flows.product import check, prepare, reader_of
from flows.scope import Scope
from flows.sources import folder
from infrastructure.errors import SwathError
from infrastructure.settings import HarvestSettings
from infrastructure.storage import open_store

app = typer.Typer(help="Look at products: what the readers make of them.")

Json = dict[str, Any]


@app.command(epilog="Example: [bold]swath inspect /data/S2A_MSIL1C_20180629T000241.zip[/]")
def inspect(
    path: Annotated[str, typer.Argument(help="Folder, archive, image, or s3://bucket/prefix.")],
    scene: Annotated[
        str, typer.Option(help="What is one product: folder, file or root; see the source folder.")
    ] = "folder",
    like: Annotated[
        str | None, typer.Option(help="Id of a collection, whose readers and options to take.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the STAC Items.")] = False,
) -> None:
    """Tell what each product is. Exit status: 0 all were read, 1 some were not."""
    story = _story(like)
    refused = 0
    console = Console(highlight=False, soft_wrap=True, quiet=as_json)
    for found, reader, item, error in _read(path, scene, story):
        refused += error is not None
        if as_json:
            typer.echo(json.dumps(item) if item else error, err=item is None)
        elif item is None:
            console.print(Text(found.upstream_id, "bold"))
            console.print(Text(f"  {error}", "red"))
        else:
            _tell(console, found, reader, item)
    if refused:
        raise typer.Exit(1)


def _story(like: str | None) -> CollectionFile:
    """The collection file, without its steps."""
    if like is None:
        words = {"id": "products", "title": "Products", "description": "Products"}
        return CollectionFile.model_validate({**words, "source": {"type": "folder"}})
    story = collections.find(HarvestSettings().collections, like).model_copy(update={"enrich": []})
    check(story)
    return story


def _read(
    path: str, scene: Any, story: CollectionFile
) -> Iterator[tuple[Found, str, Json | None, SwathError | None]]:
    """Each product, its reader, and its item or what is wrong with it."""
    with TemporaryDirectory(prefix="swath-") as scratch:
        store = open_store(Path(scratch).as_uri())
        kind: Scene = scene
        for found in folder.search(Scope(base=Path.cwd()), url=path, scene=kind):
            try:
                reader = reader_of(unpacked(found), story).__name__.rpartition(".")[2]
                entry = prepare(found, story, store, lambda *_: None)
            except SwathError as error:
                yield found, "", None, error
            else:
                yield found, reader, entry.item if entry else None, None


def _tell(console: Console, found: Found, reader: str, item: Json) -> None:
    properties = item["properties"]
    when = properties["datetime"] or (
        f"{properties['start_datetime']} to {properties['end_datetime']}"
    )
    box = " ".join(f"{side:.3f}" for side in item["bbox"])
    console.print(Text(item["id"], "bold"))
    rows = {
        "from": found.upstream_id,
        "reader": reader,
        "time": when,
        "box": box,
        "assets": ", ".join(item["assets"]),
        "missing": ", ".join(properties.get("swath:missing", [])),
    }
    for name, told in rows.items():
        if told:
            console.print(Text(f"  {name:8}", "dim"), Text(told))
