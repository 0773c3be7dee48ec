"""pygeoapi with a catalogue of records, in a process of its own: prints its port and serves.

The first argument is a folder for its files, the others are records of OGC API - Records.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import yaml
from tinydb import TinyDB


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


def configuration(port: int, database: Path) -> dict[str, Any]:
    text = {"title": "Test", "description": "Test", "keywords": ["test"]}
    extent = {"spatial": {"bbox": [-180, -90, 180, 90]}, "temporal": {"begin": None, "end": None}}
    provider = {"name": "TinyDBCatalogue", "data": str(database), "id_field": "id"}
    url = f"http://127.0.0.1:{port}"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 2, "max_items": 2, "on_exceed": "throttle"},
            "map": {"url": "https://example.com/{z}/{x}/{y}.png", "attribution": "none"},
            "gzip": False,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                **text,
                "url": url,
                "keywords_type": "theme",
                "terms_of_service": "",
            },
            "license": {"name": "none", "url": "https://example.com"},
            "provider": {"name": "Test", "url": "https://example.com"},
            "contact": {"name": "Test", "email": "test@example.com"},
        },
        "resources": {
            "records": {
                "type": "collection",
                **text,
                "links": [],
                "extents": extent,
                "providers": [{"type": "record", **provider, "title_field": "title"}],
            },
            "features": {
                "type": "collection",
                **text,
                "links": [],
                "extents": extent,
                "providers": [{"type": "feature", **provider}],
            },
        },
    }


def main() -> None:
    folder = Path(sys.argv[1])
    with TinyDB(folder / "records.db") as database:
        for path in sys.argv[2:]:
            database.insert(json.loads(Path(path).read_text("utf-8")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, content in (
        ("PYGEOAPI_CONFIG", configuration(port, folder / "records.db")),
        ("PYGEOAPI_OPENAPI", {"openapi": "3.0.2", "info": {"title": "Test"}, "paths": {}}),
    ):
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content))
        os.environ[name] = str(folder / f"{name}.yml")
    from pygeoapi.flask_app import APP

    with make_server("127.0.0.1", port, APP, handler_class=Quiet) as server:
        print(server.server_port, flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main()
