"""Connections of the API to PostgreSQL, which only read."""

from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has no stubs
import orjson

from infrastructure.settings import DatabaseSettings

SESSION = {
    "application_name": "swath api",
    "search_path": "pgstac,public",
    "default_transaction_read_only": "on",
    "pgstac.readonly": "true",
    "pgstac.context": "auto",
    # a plan is made for the very box and time, and starting helpers takes longer than a search
    "plan_cache_mode": "force_custom_plan",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
"""What PostgreSQL is told for each connection."""


async def open_pool(database: DatabaseSettings, patience: float) -> Any:
    """A pool whose connections are taken as they were left: whoever changes one, changes it back.

    The reset that asyncpg would send after each use takes as long as a search.

    Args:
        database: The catalogue's database.
        patience: Seconds that one statement may take.
    """
    return await asyncpg.create_pool(
        host=database.host,
        port=database.port,
        user=database.user,
        password=database.password.get_secret_value() or None,
        database=database.database,
        min_size=1,
        max_size=10,
        init=_init,
        reset=_leave,
        server_settings={**SESSION, "statement_timeout": f"{round(1000 * patience)}ms"},
    )


async def _init(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=_text, decoder=orjson.loads, schema="pg_catalog"
        )


async def _leave(_connection: Any) -> None:
    pass


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
