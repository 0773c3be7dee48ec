"""List the maps, and seed or purge their cached tiles."""

from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from infrastructure.errors import Unreachable
from infrastructure.settings import TilesSettings
from tiling import cache
from tiling.layers import LEVELS
from tiling.process import process_catalogue
from tiling.seed import SeedResult
from tiling.seed import seed as seed_box
from tiling.services import extent

app = typer.Typer(help="Map tiles: list, seed, purge.", no_args_is_help=True)
console = Console()

Collection = Annotated[str, typer.Argument(help="Id of the collection.")]
Level = Annotated[int, typer.Option(min=0, max=LEVELS - 1, help="Zoom level.")]


@app.command("list")
def list_layers() -> None:
    """List the collections that have a map, and their tile addresses."""
    table = Table("Collection", "Layer", "Tiles")
    try:
        response = httpx.get(TilesSettings().url, timeout=30)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise Unreachable(f"the tile service does not answer: {error}") from error
    for collection in response.json()["collections"]:
        for layer in collection["layers"]:
            table.add_row(collection["id"], layer["name"], layer["tiles"])
    console.print(table)


@app.command()
def seed(collection: Collection, minzoom: Level = 0, maxzoom: Level = 8) -> None:
    """Draw the tiles of a collection before anybody asks for them."""
    boxes = extent(process_catalogue().collection(collection))
    results = []
    with Progress(console=console) as bar:
        for number, box in enumerate(boxes, start=1):
            task = bar.add_task(f"{collection} ({number} of {len(boxes)})", total=None)

            def show(done: int, total: int, task: object = task) -> None:
                bar.update(task, completed=done, total=total)  # type: ignore[arg-type]  # its id

            results.append(seed_box(TilesSettings().url, collection, box, minzoom, maxzoom, show))
    _report(results)


def _report(results: list[SeedResult]) -> None:
    tiles, failed = sum(r.tiles for r in results), sum(r.failed for r in results)
    seconds = sum(r.seconds for r in results)
    console.print(f"{tiles} tiles drawn, {failed} failed, in {seconds:.1f} s")
    if failed:
        raise typer.Exit(code=1)


@app.command()
def purge(collection: Collection) -> None:
    """Remove the kept tiles of a collection; they are drawn anew when asked for."""
    tiles = cache.purge(TilesSettings().cache, collection)
    console.print(f"{tiles} tiles removed")
