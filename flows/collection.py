"""The collection file: one YAML tells one collection's whole story."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pystac
import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from flows.origin import Source
from flows.rules import Deletions, Duplicates
from flows.strict import Strict
from infrastructure import orchestrator
from infrastructure.errors import Misconfigured, NotFound
from infrastructure.queryables import indexes

READERS = [
    "stac", "iso", "dublin_core", "fgdc", "dif",
    "sentinel1", "sentinel2", "sentinel2_aws", "sentinel3", "landsat", "naip", "goes",
    "eop", "ecs", "envisat", "cbers", "stac_files", "geotiff",
]  # fmt: skip
"""In which order readers are asked: what is told most exactly first, any raster last."""

RENDER_SCHEMA = "https://stac-extensions.github.io/render/v2.0.0/schema.json"


class Step(Strict):
    """One enrichment step."""

    name: str = Field(description="Name of a module in flows/enrich.")
    options: dict[str, Any] = Field(default={}, description="Keyword arguments of the step.")


class Seed(Strict):
    """The zoom levels that are rendered right after a harvest."""

    minzoom: int = Field(0, ge=0, le=24, description="First zoom level of the WebMercator grid.")
    maxzoom: int = Field(8, ge=0, le=24, description="Last zoom level of the WebMercator grid.")


class Provider(BaseModel):
    """A STAC Provider object; further keys are kept."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1, description="Name of the organisation or person.")


class Relation(BaseModel):
    """A STAC Link object; further keys are kept."""

    model_config = ConfigDict(extra="allow")

    rel: str = Field(min_length=1, description="Relation type.")
    href: str = Field(min_length=1, description="Address.")


class CollectionFile(Strict):
    """A collection file, validated."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]+$", description="Id of the STAC Collection.")
    title: str = Field(description="Title for people.")
    description: str = Field(description="What the collection holds; CommonMark.")
    license: str = Field("other", description="SPDX identifier or `other`.")
    keywords: list[str] = Field([], description="Keywords for searches.")
    providers: list[Provider] = Field([], description="STAC Provider objects.")
    links: list[Relation] = Field([], description="STAC links, such as the licence.")
    assets: dict[str, Any] = Field({}, description="`item_assets` of the collection, by asset key.")
    renders: dict[str, Any] = Field({}, description="STAC Render extension: the map layers.")
    properties: dict[str, Any] = Field(
        {}, description="Properties that every item has unless its product says otherwise."
    )
    source: Source | None = Field(None, description="Where products or records come from.")
    sources: dict[str, Source] = Field(
        {}, description="Several of them, by a name that stays; instead of `source`."
    )
    deletions: Deletions = Field(
        Deletions(), description="What becomes of items that upstream has no more."
    )
    duplicates: Duplicates = Field(
        Duplicates(), description="What becomes of items that show the same."
    )
    readers: list[str] = Field(
        READERS,
        description="Modules in flows/readers; the first that recognises a product reads it.",
    )
    reader_options: dict[str, dict[str, Any]] = Field({}, description="Options by reader's name.")
    enrich: list[str | dict[str, dict[str, Any]]] = Field(
        [], description="Steps in order: a name, or a name with options."
    )
    schedule: str | timedelta | None = Field(
        None,
        description="Cron expression in UTC, or an interval (ISO 8601 duration), or none.",
        union_mode="left_to_right",
    )
    seed: Seed | None = Field(None, description="Zoom levels rendered after a harvest, or none.")
    indexed: list[str] | None = Field(
        None,
        description="Properties that have an index once the collection is large, instead of the"
        " usual ones: cloud cover, platform, relative orbit, grid cell, time of update.",
    )
    path: Path = Field(Path(), exclude=True)

    @field_validator("enrich")
    @classmethod
    def _one_step_each(cls, entries: list[str | dict[str, Any]]) -> list[str | dict[str, Any]]:
        for entry in entries:
            if isinstance(entry, dict) and len(entry) != 1:
                names = ", ".join(entry) or "none"
                raise ValueError(f"an entry is one step with its options, this one has: {names}")
        return entries

    @field_validator("schedule")
    @classmethod
    def _is_schedule(cls, schedule: str | timedelta | None) -> str | timedelta | None:
        if schedule is None or orchestrator.is_cron(str(schedule)):
            return schedule
        try:
            every = TypeAdapter(timedelta).validate_python(schedule)
        except ValidationError:
            every = timedelta(0)
        if every < timedelta(minutes=1):
            raise ValueError(
                f"'{schedule}' is neither a cron expression nor an interval of a minute or more"
            )
        return every

    @model_validator(mode="after")
    def _has_sources(self) -> Self:
        if (self.source is None) == (not self.sources):
            raise ValueError("a collection has either `source` or `sources`")
        return self

    def origins(self) -> dict[str, Source]:
        """Its sources by name; one that has no name is `main`."""
        return {"main": self.source} if self.source else self.sources

    def steps(self) -> list[Step]:
        """The enrichment steps in order."""
        return [
            Step(name=entry)
            if isinstance(entry, str)
            else Step(name=next(iter(entry)), options=next(iter(entry.values())))
            for entry in self.enrich
        ]

    def stac(self) -> dict[str, Any]:
        """The STAC Collection (1.1), with an open extent until items say better."""
        collection = pystac.Collection(
            id=self.id,
            title=self.title,
            description=self.description,
            license=self.license,
            keywords=self.keywords or None,
            providers=[pystac.Provider.from_dict(p.model_dump()) for p in self.providers] or None,
            extent=pystac.Extent(
                pystac.SpatialExtent([[-180.0, -90.0, 180.0, 90.0]]),
                pystac.TemporalExtent([[datetime(1970, 1, 1, tzinfo=UTC), None]]),
            ),
            stac_extensions=[RENDER_SCHEMA] if self.renders else [],
            extra_fields={
                **({"item_assets": self.assets} if self.assets else {}),
                **({"renders": self.renders} if self.renders else {}),
                **({} if self.indexed is None else {indexes.KEY: self.indexed}),
            },
        )
        document = collection.to_dict(include_self_link=False, transform_hrefs=False)
        document["links"] = [link.model_dump() for link in self.links]
        return document


def load(path: Path) -> CollectionFile:
    """Read one collection file.

    Raises:
        Misconfigured: it is not YAML, or breaks the model; the message names file and field.
    """
    try:
        return CollectionFile.model_validate({**_yaml(path), "path": path})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise Misconfigured(f"{path}: {faults}") from error


def survey(
    folder: Path, check: Callable[[CollectionFile], None] | None = None
) -> tuple[dict[str, CollectionFile], list[str]]:
    """The good collection files of a folder by collection id, and what is wrong with the others.

    Args:
        folder: Where the files (*.yaml) are.
        check: A further check of each file, which raises Misconfigured.
    """
    files: dict[str, CollectionFile] = {}
    faults: list[str] = []
    for path in _paths(folder):
        try:
            file = load(path)
            if check:
                check(file)
            if file.id in files:
                raise _same_id(file.id, [files[file.id].path, path])
        except Misconfigured as error:
            faults.append(str(error))
        else:
            files[file.id] = file
    return files, faults


def names(folder: Path) -> set[str] | None:
    """The ids of all files, good or not; None if that of one cannot be read."""
    ids = {name for _, name in _ids(folder)}
    return None if None in ids else {name for name in ids if name}


def find(folder: Path, collection: str) -> CollectionFile:
    """The file of one collection; what is wrong in the others does not matter.

    Raises:
        NotFound: no file in the folder has that id.
        Misconfigured: the file is wrong, or two have that id.
    """
    ids = dict(_ids(folder))
    paths = [path for path, name in ids.items() if name == collection]
    if not paths:
        known = ", ".join(str(name) for name in ids.values() if name is not None) or "none"
        broken = [path.name for path, name in ids.items() if name is None]
        hint = f"; without an id that can be read: {', '.join(broken)}" if broken else ""
        raise NotFound(
            f"no collection file for '{collection}' in {folder}; there are: {known}{hint}"
        )
    if len(paths) > 1:
        raise _same_id(collection, paths)
    return load(paths[0])


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def _ids(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Every file and its id, or None if it has none that can be read."""
    for path in _paths(folder):
        try:
            name = _yaml(path).get("id")
        except Misconfigured:
            name = None
        yield path, name if isinstance(name, str) else None


def _yaml(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise Misconfigured(f"{path}: not a YAML mapping: {reason}") from error
    if not isinstance(data, dict):
        raise Misconfigured(f"{path}: not a YAML mapping")
    return data


def _same_id(collection: str, paths: list[Path]) -> Misconfigured:
    return Misconfigured(f"{' and '.join(map(str, paths))} have the same id '{collection}'")
