"""The documentation says what the code says: nothing is missing, and what it shows is real."""

import importlib.util
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import orjson
import pystac
import pytest
import rasterio
import typer
import yaml
from rasterio import Affine

from api.errors import STATUS
from flows import collection as collections
from flows.collection import CollectionFile
from flows.found import Found
from flows.product import check
from flows.scope import Scope
from infrastructure import cli, plugins
from infrastructure.settings import ALL
from infrastructure.storage import Shelf, open_store
from scripts.plugin_chapters import GIVEN

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"])
REFERENCE = sorted((DOCS / "reference").glob("*.md"))

OF_THE_SHELL = {"SWATH_HOME", "SWATH_DEBUG", "SWATH_TEST_DATA", "SWATH_X"}
"""Variables that are no settings: of the command line, of the tests, and a placeholder."""

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _module(ROOT / "scripts" / "reference.py")


def _page(name: str) -> str:
    """A page of the reference as it is in the clone."""
    return (DOCS / "reference" / name).read_text("utf-8")


def _row(text: str, *cells: str) -> list[str]:
    """The cells of the table row that begins with these."""
    start = "| " + " | ".join(cells) + " |"
    rows = [line for line in text.splitlines() if line.startswith(start)]
    assert len(rows) == 1, f"{len(rows)} rows begin with {start}"
    return re.split(r"(?<!\\)\|", rows[0].strip("|"))


def _chapter(text: str, name: str) -> str:
    parts = re.split(r"^## `(.+)`$", text, flags=re.MULTILINE)
    chapters = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert name in chapters
    return chapters[name]


def _fences(language: str) -> Iterator[tuple[Path, str, str]]:
    """Page, title and text of the code blocks of a language."""
    for page in PAGES:
        for match in FENCE.finditer(page.read_text("utf-8")):
            if match["language"] == language:
                text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
                yield page, match["title"] or "", text


def _example(title: str) -> str:
    found = [
        text for language in ("python", "yaml") for _, t, text in _fences(language) if t == title
    ]
    assert len(found) == 1, title
    return found[0]


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_every_setting_has_a_row_with_its_description(cls: Any) -> None:
    page = _page("settings.md")
    for name, field in cls.model_fields.items():
        cells = _row(page, f"`{cls.model_config['env_prefix']}{name}`".upper())
        assert field.description
        assert " ".join(field.description.split()) in cells[2]


@pytest.mark.parametrize(
    ("page", "package", "function"),
    [
        ("sources.md", "flows.sources", "search"),
        ("readers.md", "flows.readers", "read"),
        ("enrichment-steps.md", "flows.enrich", "enrich"),
    ],
)
def test_every_plugin_has_a_chapter_and_every_option_a_row(
    page: str, package: str, function: str
) -> None:
    text = _page(page)
    assert plugins.names(package)
    for name in plugins.names(package):
        module = plugins.load(package, name)
        chapter = _chapter(text, name)
        assert inspect.cleandoc(module.__doc__ or "").splitlines()[0] in chapter
        parameters = inspect.signature(getattr(module, function)).parameters.values()
        for parameter in parameters:
            if parameter.name not in GIVEN:
                stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
                cells = _row(chapter, f"`{stars}{parameter.name}`")
                assert cells[3].strip(), f"{package}.{name}: {parameter.name} is not described"


def test_every_key_of_the_collection_file_has_a_row() -> None:
    chapters = _page("collection-file.md").partition("## A render")[0].split("\n## ")
    schema = CollectionFile.model_json_schema()
    models = schema["$defs"] | {"CollectionFile": schema}
    assert models.keys() >= {"Source", "Credentials", "Secret", "Deletions", "Duplicates", "Seed"}
    for name, model in models.items():
        (chapter,) = [text for text in chapters if f"\n\n{model['description']}\n\n|" in text]
        for key in model["properties"].keys() - {"path"}:
            assert _row(chapter, f"`{key}`")[3].strip(), f"{name}.{key} is not described"


def test_every_key_of_a_render_that_is_read_is_described() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "tiling").glob("*.py"))
    keys = set(re.findall(r"render\.get\(\"(\w+)\"\)", code))
    assert {"rescale", "expression"} <= keys
    page = _page("collection-file.md").partition("## A render")[2]
    assert {key for key in keys if f"`{key}`" not in page} == set()


def _leaves(path: str, command: Any) -> dict[str, Any]:
    if not hasattr(command, "commands"):
        return {path: command}
    return {
        leaf: found
        for name, child in command.commands.items()
        for leaf, found in _leaves(f"{path} {name}", child).items()
    }


@pytest.fixture(scope="module")
def swath() -> dict[str, Any]:
    """Every command by its path, such as `swath harvest run`."""
    leaves = _leaves("swath", typer.main.get_command(cli.app))
    for name, point in cli.room_commands().items():
        leaves |= _leaves(f"swath {name}", cli.load(point))
    return leaves


def test_every_command_has_a_chapter_and_every_option_a_row(swath: dict[str, Any]) -> None:
    page = _page("cli.md")
    assert {"swath up", "swath demo", "swath harvest run", "swath tiles seed"} <= swath.keys()
    for path, command in swath.items():
        chapter = _chapter(page, path)
        assert command.help.splitlines()[0] in chapter
        for parameter in command.params:
            name = parameter.opts[0] if parameter.param_type_name == "option" else ""
            spelled = name or parameter.name.upper()
            assert spelled == "--help" or f"`{spelled}" in chapter or f"`[{spelled}" in chapter


def test_every_router_and_path_is_listed() -> None:
    page = _page("http.md")
    for name in plugins.names("api.routers"):
        assert f"### `api.routers.{name}`" in page
        for route in plugins.load("api.routers", name).router.routes:
            _row(page, ", ".join(sorted(route.methods)), f"`{route.path}`")
    for error, status in STATUS.items():
        assert _row(page, f"`{error.__name__}`")[1].strip() == str(status)


@pytest.mark.parametrize("page", REFERENCE, ids=lambda page: page.name)
def test_the_reference_is_what_the_code_says(page: Path) -> None:
    text = page.read_text("utf-8")
    assert reference.filled(text) == text, f"{page.name} is not up to date: run `make reference`"


def test_every_part_stands_once_between_its_markers() -> None:
    opened, parts = [], []
    for page in PAGES:
        text = page.read_text("utf-8")
        opened += re.findall(r"<!-- swath:(\w+) -->", text)
        parts += [match["part"] for match in reference.MARKED.finditer(text)]
    assert sorted(opened) == sorted(parts) == sorted(reference.PARTS)


def test_every_command_that_a_page_shows_exists(swath: dict[str, Any]) -> None:
    shown = [
        (page, line.strip())
        for page, _, text in _fences("sh")
        for line in text.splitlines()
        if line.strip().startswith("swath ")
    ]
    for page in PAGES:
        code = re.findall(r"`(swath [^`]+)`", page.read_text("utf-8"))
        shown += [(page, " ".join(text.split())) for text in code]
    assert len(shown) > 30
    for page, line in shown:
        words = shlex.split(line, comments=True)
        if words[1:2] != ["COMMAND"]:
            _check_words(f"{page.name}: {line}", words, swath)


def _check_words(place: str, words: list[str], swath: dict[str, Any]) -> None:
    paths = [path for path in swath if path.split() == words[: len(path.split())]]
    assert paths, f"{place}: no such command"
    known = {option for param in swath[paths[0]].params for option in param.opts}
    assert {word for word in words if word.startswith("-")} <= known, place


def test_every_variable_that_a_page_names_is_a_setting() -> None:
    known = {
        f"{cls.model_config['env_prefix']}{n}".upper() for cls in ALL for n in cls.model_fields
    }
    for page in PAGES:
        named = set(re.findall(r"\bSWATH_[A-Z_]*[A-Z]\b", page.read_text("utf-8")))
        assert named - known - OF_THE_SHELL == set(), page


COLLECTIONS = [
    title.rpartition("/")[2].removesuffix(".yaml") for _, title, _ in _fences("yaml") if title
]


def test_pages_show_a_collection_file_of_each_family() -> None:
    types = {
        yaml.safe_load(_example(f"flows/collections/{name}.yaml"))["source"]["type"]
        for name in COLLECTIONS
    }
    assert {"folder", "stac_api", "csw", "odata", "opensearch_eo"} <= types


@pytest.mark.parametrize("name", COLLECTIONS)
def test_collection_files_that_a_page_shows_are_good(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(_example(f"flows/collections/{name}.yaml"), "utf-8")
    story = collections.load(path)
    check(story)
    assert story.id == name


WHOLE = {"id": "x", "title": "x", "description": "x", "source": {"type": "folder", "url": "x"}}
"""What a part of a collection file stands in; the part goes before it."""


def test_parts_of_collection_files_are_good() -> None:
    for page, title, text in _fences("yaml"):
        part = yaml.safe_load(text)
        assert part.keys() <= CollectionFile.model_fields.keys(), f"{page} {title}"
        rest = {key: value for key, value in WHOLE.items() if key != "source"}
        story = CollectionFile.model_validate((rest if "sources" in part else WHOLE) | part)
        assert story.id == part.get("id", "x")


def test_python_that_a_page_shows_compiles() -> None:
    blocks = list(_fences("python"))
    assert len(blocks) >= 6
    for page, _, text in blocks:
        compile(text, str(page), "exec")


def _plugin(tmp_path: Path, title: str) -> ModuleType:
    path = tmp_path / Path(title).name
    path.write_text(_example(title), "utf-8")
    return _module(path)


def test_the_source_of_the_guide_works(tmp_path: Path) -> None:
    source = _plugin(tmp_path, "flows/sources/ndjson.py")
    items = [{"id": "a", "type": "Feature"}, {"id": "b", "type": "Feature"}]
    (tmp_path / "items.ndjson").write_bytes(b"\n".join(map(orjson.dumps, items)))
    found = list(source.search(Scope(base=tmp_path), url="items.ndjson"))
    assert [each.document for each in found] == items
    assert len({each.fingerprint for each in found}) == 2


def test_the_reader_of_the_guide_works(tmp_path: Path) -> None:
    reader = _plugin(tmp_path, "flows/readers/ndvi.py")
    path = tmp_path / "NDVI_33UXP_20240611.tif"
    profile = {"driver": "GTiff", "width": 8, "height": 8, "count": 1, "dtype": "float32"}
    where = {"crs": "EPSG:32633", "transform": Affine(100, 0, 500_000, 0, -100, 5_300_000)}
    with rasterio.open(path, "w", **profile, **where) as raster:
        raster.write(np.ones((1, 8, 8), "float32"))
    found = Found("x", "1", {path.name: path.as_uri()})
    assert reader.recognises(found)
    item = reader.read(found, platform="sentinel-2a")
    assert item.id == "NDVI_33UXP_20240611"
    assert item.properties["start_datetime"] == "2024-06-11T00:00:00Z"
    assert item.bbox[0] == pytest.approx(15.0, abs=0.01)


def test_the_step_of_the_guide_works_twice_as_once(tmp_path: Path) -> None:
    step = _plugin(tmp_path, "flows/enrich/citation.py")
    shelf = Shelf(open_store((tmp_path / "store").as_uri()), "orchard/a", tmp_path)
    item = pystac.Item("a", None, None, datetime(2024, 6, 11, tzinfo=UTC), {})
    once = step.enrich(item, shelf, author="Example Farm").to_dict()
    assert step.enrich(item, shelf, author="Example Farm").to_dict() == once
    assert "Example Farm" in (tmp_path / "store/orchard/a/citation.txt").read_text()


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for page in DOCS.rglob("*.md"):
        place = page.relative_to(DOCS).with_suffix("")
        parts = place.parts[:-1] if place.name == "index" else place.parts
        html = site.joinpath(*parts, "index.html").read_text("utf-8")
        assert not re.search(r"(?:src|href)=\"https?://[^\"]+\.(?:js|css|woff2?)\"", html), place
