"""The OpenAPI description against the running API: whatever it allows gets an answer it tells."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"


async def test_every_operation_tells_its_errors(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api")).json()
    assert document["components"]["schemas"]["Error"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert {"400", "503"} <= operation["responses"].keys(), f"{method} {path}"
            assert "422" not in operation["responses"], f"{method} {path}"


@pytest.mark.filterwarnings("ignore:BBOX crossing the Antimeridian")  # geojson-pydantic wonders
def test_requests_of_all_kinds_are_answered_as_described(server: str, tmp_path: Path) -> None:
    command = [
        *(Path(sys.executable).with_name("schemathesis"), "run", f"{server}/api"),
        *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", "8", "--seed", "1", "--no-color"),
        *("--exclude-path", "/events"),  # a stream without an end
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert re.search(r"\d{3,} generated, \d{3,} passed", done.stdout)
