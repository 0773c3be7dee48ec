"""The collection file: one YAML tells one collection's whole story."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pystac
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infrastructure.errors import Misconfigured, NotFound

RENDER_SCHEMA = "https://stac-extensions.github.io/render/v2.0.0/schema.json"


class Strict(BaseModel):
    """A typing error in a file is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid")


class Source(BaseModel):
    """Where products or records come from; further keys are the source plug-in's options."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Name of a module in flows/sources.")

    def options(self) -> dict[str, Any]:
        """The keys that the source plug-in takes."""
        return dict(self.model_extra or {})


class Step(Strict):
    """One enrichment step."""

    name: str = Field(description="Name of a module in flows/enrich.")
    options: dict[str, Any] = Field(default={}, description="Keyword arguments of the step.")


class Seed(Strict):
    """The zoom levels that are rendered right after a harvest."""

    minzoom: int = Field(0, ge=0, le=24, description="First zoom level of the WebMercator grid.")
    maxzoom: int = Field(8, ge=0, le=24, description="Last zoom level of the WebMercator grid.")


class CollectionFile(Strict):
    """A collection file, validated."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]+$", description="Id of the STAC Collection.")
    title: str = Field(description="Title for people.")
    description: str = Field(description="What the collection holds; CommonMark.")
    license: str = Field("other", description="SPDX identifier or `other`.")
    keywords: list[str] = Field([], description="Keywords for searches.")
    providers: list[dict[str, Any]] = Field([], description="STAC Provider objects.")
    links: list[dict[str, Any]] = Field([], description="STAC links, such as the licence.")
    assets: dict[str, Any] = Field({}, description="`item_assets` of the collection, by asset key.")
    renders: dict[str, Any] = Field({}, description="STAC Render extension: the map layers.")
    properties: dict[str, Any] = Field(
        {}, description="Properties that every item has unless its product says otherwise."
    )
    source: Source = Field(description="Where products or records come from.")
    readers: list[str] = Field(
        ["stac", "landsat", "geotiff"],
        description="Modules in flows/readers; the first that recognises a product reads it.",
    )
    reader_options: dict[str, dict[str, Any]] = Field({}, description="Options by reader's name.")
    enrich: list[str | dict[str, dict[str, Any]]] = Field(
        [], description="Steps in order: a name, or a name with options."
    )
    schedule: str | None = Field(None, description="Cron expression in UTC, or none.")
    seed: Seed | None = Field(None, description="Zoom levels rendered after a harvest, or none.")
    path: Path = Field(Path(), exclude=True)

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
            providers=[pystac.Provider.from_dict(p) for p in self.providers] or None,
            extent=pystac.Extent(
                pystac.SpatialExtent([[-180.0, -90.0, 180.0, 90.0]]),
                pystac.TemporalExtent([[datetime(1970, 1, 1, tzinfo=UTC), None]]),
            ),
            stac_extensions=[RENDER_SCHEMA] if self.renders else [],
            extra_fields={
                **({"item_assets": self.assets} if self.assets else {}),
                **({"renders": self.renders} if self.renders else {}),
            },
        )
        for link in self.links:
            collection.add_link(pystac.Link.from_dict(link))
        document = collection.to_dict(include_self_link=False, transform_hrefs=False)
        document["links"] = self.links
        return document


def load(path: Path) -> CollectionFile:
    """Read one collection file.

    Raises:
        Misconfigured: it is not YAML, or breaks the model; the message names file and field.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return CollectionFile.model_validate({**data, "path": path})
    except (yaml.YAMLError, TypeError) as error:
        raise Misconfigured(f"{path}: not a YAML mapping: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise Misconfigured(f"{path}: {faults}") from error


def load_all(folder: Path) -> dict[str, CollectionFile]:
    """Every collection file of a folder, by collection id."""
    files = [load(path) for path in sorted(folder.glob("*.yaml"))]
    return {file.id: file for file in files}


def find(folder: Path, collection: str) -> CollectionFile:
    """The file of one collection.

    Raises:
        NotFound: no file in the folder has that id.
    """
    files = load_all(folder)
    if collection not in files:
        known = ", ".join(files) or "none"
        raise NotFound(f"no collection file for '{collection}' in {folder}; there are: {known}")
    return files[collection]
