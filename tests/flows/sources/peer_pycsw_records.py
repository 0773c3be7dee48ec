"""OGC API - Records of pycsw 3, in a process of its own: prints its port and serves.

pycsw's repository wants SQLAlchemy 1, and its conditions an older pygeofilter; here they are made
as the libraries of today want it, and everything else is left to pycsw.
"""

import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pycsw.core.pygeofilter_evaluate
import pycsw.core.repository
from flask import Flask, request
from pycsw.core import metadata
from pycsw.core.config import StaticContext
from pycsw.ogc.api.records import API
from sqlalchemy import Column, Table, Text, func
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.pool import StaticPool

CONTEXT = StaticContext()
CONTEXT.set_model("csw")

COLUMNS = sorted(set(CONTEXT.md_core_model["mappings"].values()))

MAPPED = {
    "identifier": "identifier",
    "type": "type",
    "title": "title",
    "description": "abstract",
    "keywords": "keywords",
    "date": "date",
    "bbox": "wkt_geometry",
    "geometry": "wkt_geometry",
    "time_begin": "time_begin",
    "time_end": "time_end",
    "updated": "insert_date",
    "parentidentifier": "parentidentifier",
}


class Repository(pycsw.core.repository.Repository):  # type: ignore[misc]
    def __init__(self, database: str, context: Any, **_: Any) -> None:
        self.context, self.dbtype, self.fts = context, "sqlite", False
        self.engine = pycsw.core.repository.create_engine(
            database, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        base = declarative_base()
        columns = [Column(name, Text, primary_key=name == "identifier") for name in COLUMNS]
        table = Table("records", base.metadata, *columns)
        self.dataset = type("dataset", (base,), {"__table__": table})
        base.metadata.create_all(self.engine)
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            pycsw.core.repository.create_custom_sql_functions(raw)
        self.session, self.func = Session(self.engine, autoflush=False), func
        self.query_mappings = {name: getattr(self.dataset, own) for name, own in MAPPED.items()}
        groups = [kind["queryables"] for kind in context.model["typenames"].values()]
        names = {name: how for group in groups for q in group.values() for name, how in q.items()}
        self.queryables = {"_all": {**names, **context.md_core_model["mappings"]}}

    def query_collections(self, **_: Any) -> list[Any]:
        return []

    def load(self, path: Path) -> None:
        [record] = metadata.parse_record(CONTEXT, path.read_bytes(), self)
        values = {name: getattr(record, name, None) for name in COLUMNS}
        texts = {k: v.decode() if isinstance(v, bytes) else v for k, v in values.items()}
        self.session.merge(self.dataset(**texts))
        self.session.commit()


class Evaluator(pycsw.core.pygeofilter_evaluate.PycswFilterEvaluator):  # type: ignore[misc]
    def __init__(self, field_mapping: Any = None, dbtype: str = "sqlite") -> None:
        super(type(self).__mro__[1], self).__init__(field_mapping, False)
        self._pycsw_dbtype = dbtype


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


def configuration(port: int) -> dict[str, Any]:
    names = {"title": "Test", "description": "Test", "keywords": [], "keywords_type": "theme"}
    server = {"url": f"http://127.0.0.1:{port}", "language": "en-US", "maxrecords": 5}
    return {
        "server": {**server, "encoding": "UTF-8"},
        "logging": {"level": "ERROR"},
        "manager": {"transactions": False},
        "metadata": {
            "identification": {**names, "fees": "None", "accessconstraints": "None"},
            "provider": {"name": "Test", "url": "http://example.com"},
            "contact": {"name": "Test", "email": "test@example.com"},
            "inspire": {"enabled": False},
        },
        "repository": {"database": "sqlite://", "table": "records"},
    }


def routed(api: API) -> Flask:
    app = Flask(__name__)
    app.before_request(api.repository.session.expunge_all)  # pycsw changes what it reads

    def answer(result: tuple[dict[str, str], int, Any]) -> tuple[Any, int, dict[str, str]]:
        headers, status, content = result
        return content, status, {"Content-Type": headers["Content-Type"]}

    def asked() -> dict[str, str]:
        return {"Accept": request.headers.get("Accept", "")}

    for path, view in (
        ("/", api.landing_page),
        ("/conformance", api.conformance),
        ("/collections", api.collections),
    ):
        app.add_url_rule(path, path, lambda view=view: answer(view(asked(), request.args)))

    @app.route("/collections/<name>/queryables")
    def queryables(name: str) -> Any:
        return answer(api.queryables(asked(), request.args, name))

    @app.route("/collections/<name>/items")
    def items(name: str) -> Any:
        return answer(api.items(asked(), None, dict(request.args), name))

    return app


def main() -> None:
    pycsw.core.repository.Repository = Repository
    pycsw.core.pygeofilter_evaluate.PycswFilterEvaluator = Evaluator
    with make_server("127.0.0.1", 0, None, handler_class=Quiet) as server:
        api = API(configuration(server.server_port))
        for path in sys.argv[1:]:
            api.repository.load(Path(path))
        server.set_app(routed(api))
        print(server.server_port, flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main()
