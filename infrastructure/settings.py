"""Settings by concern, read from the environment by factories and never at import.

The embedded platform (`swath up`) sets these same variables for its services, so that every
deployment, on one machine or on many, is configured in one way.
"""

from pathlib import Path

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
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


class StorageSettings(BaseSettings):
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


class ApiSettings(BaseSettings):
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
    transactions: bool = Field(False, description="Serve the STAC Transaction extension.")


class TilesSettings(BaseSettings):
    """The map services."""

    model_config = SettingsConfigDict(env_prefix="SWATH_TILES_", extra="ignore")

    url: str = Field("http://127.0.0.1:8081", description="Public address of the tile service.")
    cache: Path = Field(Path("/var/lib/swath/tiles"), description="Folder of the tile cache.")
    max_items: int = Field(
        50, gt=0, description="Most items that one rendering may open; newest come first."
    )


class HarvestSettings(BaseSettings):
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
    threads: int = Field(4, gt=0, description="Products that are enriched at the same time.")


class LogSettings(BaseSettings):
    """What the services say of themselves."""

    model_config = SettingsConfigDict(env_prefix="SWATH_LOG_", extra="ignore")

    level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")


ALL: tuple[type[BaseSettings], ...] = (
    DatabaseSettings,
    StorageSettings,
    ApiSettings,
    TilesSettings,
    HarvestSettings,
    LogSettings,
)
"""Every settings class, for the reference page and the test that it is complete."""
