"""Start the platform, harvest the sample, and check the result from outside."""

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from flows.follow import Ended, follow
from flows.selfcheck import Addresses, Check, check_all
from infrastructure import orchestrator
from infrastructure.errors import Unavailable
from infrastructure.settings import ApiSettings, TilesSettings

SAMPLE = "landsat8-itaipu"


def app(
    home: Annotated[
        Path, typer.Option(envvar="SWATH_HOME", resolve_path=True, help="The platform's data.")
    ] = Path(".swath"),
) -> None:
    """Start the platform, harvest the sample scenes, and check the result from outside.

    Running it again is quick and changes nothing. The platform keeps running: `swath down`.
    """
    began = monotonic()
    console = Console(highlight=False, soft_wrap=True)
    console.rule("[bold]1[/] the platform", align="left")
    _start(home)
    console.rule(f"[bold]2[/] harvest {SAMPLE}", align="left")
    harvested = _harvest(console)
    console.rule("[bold]3[/] seen from outside", align="left")
    api = ApiSettings()
    addresses = Addresses(api.url, TilesSettings().url, SAMPLE)
    checks = [_show(console, check) for check in check_all(addresses)]
    console.rule("[bold]4[/] summary", align="left")
    _summarise(console, addresses, harvested, api.monitor_url)
    console.print(f"\nAll of it took {monotonic() - began:.0f} s. Stop the platform: swath down")
    if not harvested.completed or not all(check.ok for check in checks):
        raise typer.Exit(1)


def _start(home: Path) -> None:
    """Start the platform by its own command, and take over its environment."""
    from infrastructure.local.state import LIBPQ, adopt

    command = [sys.executable, "-m", "infrastructure.cli", "up", "--home", str(home)]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - our own command
        raise Unavailable("the platform did not start; `swath logs` tells more")
    for name in (*LIBPQ, "PREFECT_API_URL"):  # the demo is about this machine, not about another
        os.environ.pop(name, None)
    adopt(home, os.environ)


def _harvest(console: Console) -> Ended:
    name, parameters = f"harvest/{SAMPLE}", {"collection": SAMPLE}
    run = orchestrator.run_deployment(name, parameters)
    console.print(f"flow run   {orchestrator.ui_url(run)}", markup=False)
    began = monotonic()
    ended = follow(run)
    colour = "green" if ended.completed else "red"
    took = monotonic() - began
    console.print(
        Text.assemble((ended.state, colour), f"  {ended.message}  ", (f"{took:.1f} s", "dim"))
    )
    return ended


def _show(console: Console, check: Check) -> Check:
    mark = ("✓", "green") if check.ok else ("✗", "red")
    told = f" {check.name:<12} {check.detail}  "
    console.print(Text.assemble(mark, told, (f"{check.seconds:.1f} s", "dim")))
    return check


def _summarise(
    console: Console, addresses: Addresses, harvested: Ended, monitor: str | None
) -> None:
    counts = harvested.counts
    new, changed = counts.get("registered", 0), counts.get("updated", 0)
    rows = {
        "Items": f"{new} new, {changed} changed, {counts.get('unchanged', 0)} unchanged,"
        f" {counts.get('quarantined', 0)} in quarantine",
        "Open this": f"{addresses.api}/",
        "STAC API": f"{addresses.api}/collections/{SAMPLE}",
        "API docs": f"{addresses.api}/api.html",
        "WMTS (QGIS)": addresses.wmts_capabilities,
        "WMS (QGIS)": addresses.wms_capabilities,
        "Prefect UI": monitor or "",
    }
    for name, value in rows.items():
        style = "bold" if name == "Open this" else ""
        console.print(Text.assemble(f"{name:<12} ", (value, style)))
