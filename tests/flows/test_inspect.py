"""`swath inspect`: what the readers make of products, before anything is registered."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.inspect_cli import app


def test_products_are_told_with_their_reader_and_what_is_missing(
    shared_data: Path, tmp_path: Path
) -> None:
    source = shared_data / "imagery/cbers4-pan10m-ovr"
    for name in ("BAND2", "BAND3"):
        path = source / f"CBERS_4_PAN10M_20170427_161_109_L4_{name}.tif"
        (tmp_path / path.name).write_bytes(path.read_bytes())
    done = CliRunner().invoke(app, [str(tmp_path)])
    assert done.exit_code == 0, done.output
    told = [line.split(maxsplit=1) for line in done.output.splitlines()[1:]]
    assert told == [
        ["from", "CBERS_4_PAN10M_20170427_161_109_L4"],
        ["reader", "cbers"],
        ["time", "2017-04-27T00:00:00Z to 2017-04-27T23:59:59Z"],
        ["box", "-49.963 -8.641 -49.179 -7.486"],
        ["assets", "green, red"],
        ["missing", "BAND4"],
    ]


def test_what_cannot_be_read_is_told_and_the_others_go_on(
    shared_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK no zip")
    source = next((shared_data / "imagery/meris-mediterranean-2006").glob("*20060822*.tif"))
    (tmp_path / source.name).write_bytes(source.read_bytes())
    done = CliRunner().invoke(app, [str(tmp_path), "--json"])
    assert done.exit_code == 1
    (document,) = (json.loads(line) for line in done.stdout.splitlines())
    assert document["properties"]["datetime"].startswith("2006-08-22T09:2")
    assert "a.zip: the archive is damaged" in done.stderr


@pytest.mark.parametrize("options", [["--like", "landsat8-itaipu"], ["--scene", "root"]])
def test_options_are_those_of_a_collection_and_of_the_source(options: list[str]) -> None:
    scene = "samples/itaipu/LC08_L1TP_224077_20200518_20200518_01_RT"
    folder = Path(__file__).parent.parent.parent / scene
    done = CliRunner().invoke(app, [str(folder), *options, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["properties"]["platform"] == "landsat-8"
