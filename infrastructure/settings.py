"""Settings by concern, read from the environment by factories and never at import.

The embedded platform (`swath up`) sets these same variables for its services, so that every
deployment, on one machine or on many, is configured in one way.
"""

import os
from pathlib import Path
from typing import Annotated, Any

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infrastructure.errors import Misconfigured


class Settings(BaseSettings):
    """Base of the settings classes.

    Raises:
        Misconfigured: a variable has a wrong value; the message names it and why.
    """

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            prefix = self.model_config.get("env_prefix", "")
            faults = "; ".join(
                f"{prefix}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False)
            )
            raise Misconfigured(faults) from None  # the cause would print the values, secrets too


class DatabaseSettings(Settings):
    """The PostgreSQL database of the catalogue, by libpq's own variables."""

    model_config = SettingsConfigDict(env_prefix="PG", extra="ignore")

    host: str = Field("127.0.0.1", description="Server's host name or address.")
    port: int = Field(5432, description="Server's TCP port.")
    user: str = Field("swath", description="Role that owns schema `swath` and may run pgstac.")
    password: SecretStr = Field(SecretStr(""), description="Password of the role.")
    database: str = Field("swath", description="Database that holds pgstac and schema `swath`.")

    def conninfo(self) -> str:
        """The libpq connection string, password included: never log it."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password.get_secret_value() or None,
            dbname=self.database,
        )


class StorageSettings(Settings):
    """Where the files that Swath makes are kept."""

    model_config = SettingsConfigDict(env_prefix="SWATH_STORAGE_", extra="ignore")

    url: str = Field(
        "file:///var/lib/swath/store",
        description="Root of the object store: `file:///path` or `s3://bucket/prefix`. "
        "Credentials of S3 come from the usual AWS_* variables.",
    )
    public_url: str | None = Field(
        None,
        description="Public address of the same root, when a web server or CDN serves it. "
        "Unset: the API serves the files under /assets.",
    )


class ApiSettings(Settings):
    """The catalogue's HTTP interface."""

    model_config = SettingsConfigDict(env_prefix="SWATH_API_", extra="ignore")

    url: str = Field("http://127.0.0.1:8080", description="Public address of the API's root.")
    title: str = Field("Swath", description="Title of the landing page.")
    description: str = Field(
        "Earth-observation data, harvested, enriched, catalogued and shown.",
        description="One sentence for the landing page.",
    )
    monitor_url: str | None = Field(
        None, description="Public address of the Prefect UI, linked from the landing page."
    )
    search_timeout: float = Field(
        30, gt=0, description="Seconds that PostgreSQL may look for the answer to one request."
    )
    aggregation_timeout: float = Field(
        20, gt=0, description="Seconds that PostgreSQL may count items for one request."
    )
    write_token: SecretStr | None = Field(
        None,
        min_length=1,
        description="Bearer token of those who may register, deregister, cancel jobs and"
        " subscribe. Unset: nobody may.",
    )


class TilesSettings(Settings):
    """The map services."""

    model_config = SettingsConfigDict(env_prefix="SWATH_TILES_", extra="ignore")

    url: str = Field("http://127.0.0.1:8081", description="Public address of the tile service.")
    cache: Path = Field(Path("/var/lib/swath/tiles"), description="Folder of the tile cache.")
    max_items: int = Field(
        50, gt=0, description="Most items that one rendering may open; newest come first."
    )


class HarvestSettings(Settings):
    """The write path."""

    model_config = SettingsConfigDict(env_prefix="SWATH_HARVEST_", extra="ignore")

    collections: Path = Field(
        Path(__file__).parent.parent / "flows" / "collections",
        description="Folder of the collection files (*.yaml).",
    )
    work_pool: str = Field("swath", description="Prefect work pool of the deployments.")
    batch: int = Field(
        200, gt=0, description="Products or records that one Prefect task handles, at most."
    )
    private_hosts: bool = Field(
        False,
        description="Open files of http(s) addresses on private networks that harvested records"
        " name. Only for sources that you trust.",
    )
    threads: int = Field(4, gt=0, description="Products that are enriched at the same time.")
    local_folders: Annotated[list[Path], NoDecode] = Field(
        [],
        description="Folders, with `:` between, whose files registrations may name by `file:`"
        " addresses. Empty: none may.",
    )
    registrations: int = Field(
        4, gt=0, description="Registrations that are worked on at the same time; others wait."
    )

    @field_validator("local_folders", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part for part in value.split(os.pathsep) if part]
        return value


class EventsSettings(Settings):
    """Telling others of changes: webhooks and the event stream."""

    model_config = SettingsConfigDict(env_prefix="SWATH_EVENTS_", extra="ignore")

    private_hosts: bool = Field(
        False,
        description="Deliver to webhooks on private networks, too. Only if everybody who may"
        " subscribe may also reach those networks.",
    )
    timeout: float = Field(
        10, gt=0, description="Seconds in which a webhook must have answered, all in all."
    )
    attempts: int = Field(
        12, gt=0, description="Attempts at one delivery; after the last it is a dead letter."
    )
    pause: float = Field(
        5,
        gt=0,
        description="Seconds before the second attempt; each further pause is twice as long.",
    )
    longest_pause: float = Field(
        3600, gt=0, description="Most seconds between two attempts, whatever `Retry-After` says."
    )
    heartbeat: float = Field(
        15, gt=0, description="Seconds after which a silent event stream sends a comment."
    )
    patience: float = Field(
        60, gt=0, description="Seconds after which a stream whose client takes nothing is closed."
    )
    poll: float = Field(
        2, gt=0, description="Seconds after which the outbox is looked at without being called."
    )
    keep: float = Field(
        30,
        gt=0,
        description="Days for which events are kept at least; older ones go once every webhook was"
        " told of them.",
    )


ALL: tuple[type[Settings], ...] = (
    DatabaseSettings,
    StorageSettings,
    ApiSettings,
    TilesSettings,
    HarvestSettings,
    EventsSettings,
)
"""Every settings class, for the reference page and the test that it is complete."""
