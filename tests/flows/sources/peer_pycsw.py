"""pycsw 3 over a folder of metadata records, in a process of its own: prints its port and serves.

pycsw's own repository needs SQLAlchemy 1; this one keeps what pycsw's readers make of the records
in SQLite, where the conditions that pycsw makes of filters and CQL are carried out as they are.
"""

import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from pycsw.core import metadata
from pycsw.core.config import StaticContext
from pycsw.server import Csw
from shapely import wkt

COLUMNS = sorted(set(StaticContext().md_core_model["mappings"].values()))

DATABASE = sqlite3.connect(":memory:")


class Row:
    """A record, as pycsw wants it: with an attribute for each column."""

    def __init__(self, values: tuple[Any, ...] = ()) -> None:
        for name, value in zip(COLUMNS, values or [None] * len(COLUMNS), strict=True):
            setattr(self, name, value)


class Repository:
    """What pycsw asks of a repository."""

    dbtype = "sqlite"
    fts = False
    dataset = Row

    def __init__(self, context: Any, _filter: Any = None) -> None:
        self.queryables: dict[str, Any] = {}
        for kind in context.model["typenames"].values():
            for group, names in kind["queryables"].items():
                self.queryables.setdefault(group, {}).update(names)
        every = {name: how for group in self.queryables.values() for name, how in group.items()}
        self.queryables["_all"] = {**every, **context.md_core_model["mappings"]}

    def query_insert(self, _direction: str = "max") -> str:
        return datetime.now(UTC).isoformat()

    def query_ids(self, ids: list[str]) -> list[Row]:
        marks = ", ".join("?" * len(ids))
        return _rows(f"SELECT * FROM records WHERE identifier IN ({marks})", ids)  # noqa: S608

    def query(
        self,
        constraint: dict[str, Any],
        sortby: dict[str, str] | None = None,
        typenames: Any = None,  # noqa: ARG002 - it has one kind of record only
        maxrecords: int = 10,
        startposition: int = 0,
    ) -> tuple[str, list[Row]]:
        where = constraint.get("where", "true").replace("%s", "?")
        rest = f"FROM records WHERE {where}"
        values = constraint.get("values", [])
        total = DATABASE.execute(f"SELECT count(*) {rest}", values).fetchone()[0]
        if sortby:
            rest += f" ORDER BY {sortby['propertyname']} {sortby['order']}"
        page = [*values, int(maxrecords), int(startposition)]
        return str(total), _rows(f"SELECT * {rest} LIMIT ? OFFSET ?", page)


def _rows(query: str, values: list[Any]) -> list[Row]:
    return [Row(values) for values in DATABASE.execute(query, values)]


def query_spatial(record: str | None, box: str, predicate: str, _distance: str) -> str:
    """The function that pycsw's conditions call."""
    assert predicate == "bbox"
    return str(bool(record) and wkt.loads(record).intersects(wkt.loads(box))).lower()


def load(folders: list[Path]) -> None:
    DATABASE.create_function("query_spatial", 4, query_spatial)
    DATABASE.execute(f"CREATE TABLE records ({', '.join(COLUMNS)})")
    insert = f"INSERT INTO records VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
    context = StaticContext()
    context.set_model("csw")
    for path in sorted(path for folder in folders for path in folder.glob("*.xml")):
        [record] = metadata.parse_record(context, path.read_bytes(), Repository(context))
        values = (getattr(record, name, None) for name in COLUMNS)
        DATABASE.execute(insert, [v.decode() if isinstance(v, bytes) else v for v in values])


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    home = str(Path(sys.modules["pycsw"].__file__ or "").parent)
    environ["local.app_root"] = home
    status, content = Csw(configuration(environ["SERVER_PORT"]), environ).dispatch_wsgi()
    start_response(status, [("Content-Type", "application/xml")])
    return [content]


def configuration(port: str) -> dict[str, Any]:
    contact = {"name": "Test", "email": "test@example.com"}
    names = {"title": "Test", "description": "Test", "keywords": [], "keywords_type": "theme"}
    return {
        "server": {"url": f"http://127.0.0.1:{port}/", "language": "en-US", "maxrecords": 7},
        "profiles": ["apiso"],
        "logging": {"level": "ERROR"},
        "manager": {"transactions": False},
        "metadata": {
            "identification": {**names, "fees": "None", "accessconstraints": "None"},
            "provider": {"name": "Test", "url": "http://example.com"},
            "contact": contact,
            "inspire": {"enabled": False},
        },
        "repository": {"source": "peer_pycsw.Repository"},
    }


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


def main() -> None:
    sys.modules["peer_pycsw"] = sys.modules["__main__"]
    load([Path(folder) for folder in sys.argv[1:]])
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        print(server.server_port, flush=True)  # noqa: T201
        sys.stdout = sys.stderr  # where pycsw logs to
        server.serve_forever()


if __name__ == "__main__":
    os.environ.pop("PYCSW_CONFIG", None)
    main()
