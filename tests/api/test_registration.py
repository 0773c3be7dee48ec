"""Orders over HTTP: who may give them, what is accepted, and that nothing is lost on the way."""

import socket
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from infrastructure import orchestrator
from infrastructure.acceptance import HOLD, accept
from infrastructure.catalogue import Catalogue
from infrastructure.errors import Invalid
from infrastructure.jobs import Choice, Jobs
from infrastructure.orders import Registration

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("items")]

ITEM = {"type": "Feature", "stac_version": "1.1.0", "id": "x", "collection": "c"}


def kept(catalogue: Catalogue, job: str) -> tuple[str, str, str, dict[str, Any]]:
    """Kind, collection, state and request of a job's row."""
    with catalogue.transaction() as connection:
        row = connection.execute(
            "SELECT kind, collection, state, request FROM swath.run WHERE id = %s", [job]
        ).fetchone()
    assert row
    return row


def count(catalogue: Catalogue) -> int:
    return Jobs(catalogue).count(Choice())


def test_an_order_is_accepted_as_a_job_with_the_id_of_its_flow_run(
    served: httpx.Client, catalogue: Catalogue
) -> None:
    answer = served.post("/registration", json={"type": "stac-item", "content": ITEM})
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert answer.headers["Location"] == f"{served.base_url}/jobs/{job['jobID']}"
    assert (job["processID"], job["type"], job["status"]) == ("register", "process", "accepted")
    assert job["created"].endswith("Z")
    assert not {"started", "finished", "progress"} & job.keys()
    assert kept(catalogue, job["jobID"]) == (
        "register", "c", "accepted", {"type": "stac-item", "content": ITEM},
    )  # fmt: skip
    assert orchestrator.state(UUID(job["jobID"])).type == "SCHEDULED"
    assert served.get(answer.headers["Location"]).json() == job
    assert "content" not in job["request"], "a document may be large, and is not for everybody"


def test_a_run_starts_at_once_when_its_row_is_written(
    served: httpx.Client, prefect_server: str
) -> None:
    answer = served.post("/registration", json={"type": "service", "url": "https://a.example/csw"})
    job = answer.json()["jobID"]
    run = httpx.get(f"{prefect_server}/flow_runs/{job}", trust_env=False).json()
    assert run["name"] == "service https://a.example/csw"
    assert run["parameters"] == {}
    held = orchestrator.reserve("register/register", "held", HOLD)
    waiting = httpx.get(f"{prefect_server}/flow_runs/{held}", trust_env=False).json()
    assert waiting["next_scheduled_start_time"] > run["next_scheduled_start_time"]
    created, due = waiting["created"], waiting["next_scheduled_start_time"]
    wait = datetime.fromisoformat(due) - datetime.fromisoformat(created)
    assert wait.total_seconds() == pytest.approx(HOLD.total_seconds(), abs=2)


def test_what_cannot_be_kept_leaves_neither_job_nor_run(
    served: httpx.Client, catalogue: Catalogue, prefect_server: str
) -> None:
    with pytest.raises(Invalid, match="the database cannot hold it"):
        accept(Jobs(catalogue), Registration(type="iso", collection="c", content="a\0b"))
    answer = served.post("/registration", json={"type": "iso", "collection": "c", "content": "\0"})
    assert answer.status_code == 400
    assert count(catalogue) == 0
    wanted = {"flow_runs": {"name": {"like_": "iso of"}}}
    runs = httpx.post(f"{prefect_server}/flow_runs/filter", json=wanted, trust_env=False).json()
    assert [run["state_type"] for run in runs] == ["CANCELLED", "CANCELLED"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "Invalid JSON"),
        ([], "Input should be an object"),
        ({}, "type: Field required"),
        ({"type": "map"}, "type: Input should be 'stac-item'"),
        ({"type": "stac-item"}, "say either `url` or `content`"),
        ({"type": "stac-item", "url": "https://a/b", "content": {}}, "say either"),
        ({"type": "stac-item", "content": "text"}, "the `content` of a stac-item is a JSON object"),
        ({"type": "iso", "collection": "c", "content": {}}, "the `content` of a iso is a text"),
        ({"type": "service", "content": {}}, "a service is given by `url`"),
        ({"type": "iso", "url": "s3://a/b"}, "begins with one of: http, https"),
        ({"type": "product", "url": "ftp://a/b"}, "begins with one of: file, http, https, s3"),
        ({"type": "product", "url": "s3://a/b"}, "say the `collection` of a product"),
        ({"type": "iso", "url": "https://me:secret@a/b"}, "must not hold a user name"),
        ({"type": "iso", "url": "https://a/b", "collection": "a/b"}, "collection: String should"),
        ({"type": "iso", "url": "https://a/b", "when": "now"}, "when: Extra inputs"),
    ],
)
def test_an_order_that_makes_no_sense_is_told_why(
    served: httpx.Client, catalogue: Catalogue, body: Any, said: str
) -> None:
    content = body if isinstance(body, str) else orjson.dumps(body)
    answer = served.post("/registration", content=content)
    assert answer.status_code == 400
    assert answer.json()["code"] == "Invalid"
    assert said in answer.json()["description"]
    assert "secret" not in answer.text
    assert count(catalogue) == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"collection": "c"}, "say either `items` or `url`"),
        ({"items": ["a"]}, "say the `collection` of the items"),
        ({"collection": "c", "items": []}, "items: List should have at least 1 item"),
    ],
)
def test_a_deregistration_that_makes_no_sense_is_told_why(
    served: httpx.Client, body: Any, said: str
) -> None:
    answer = served.post("/deregistration", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["description"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/registration", {"type": "iso", "url": "https://a/b", "collection": "nope"}),
        ("/registration", {"type": "stac-item", "content": {**ITEM, "collection": "nope"}}),
        ("/deregistration", {"collection": "nope", "items": ["a"]}),
        ("/eoepca/register", {"type": "xml", "url": "https://a/b", "parent_identifier": "nope"}),
    ],
)
def test_an_unknown_collection_is_told_at_once(
    served: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = served.post(path, json=body)
    assert answer.status_code == 404
    assert answer.json()["description"] == "no collection 'nope'"


def test_a_collection_that_only_has_a_file_is_known(served: httpx.Client) -> None:
    order = {"type": "product", "url": "s3://bucket/scene", "collection": "filed"}
    assert served.post("/registration", json=order).status_code == 201


WRITING = [
    ("POST", "/registration"),
    ("POST", "/deregistration"),
    ("DELETE", "/jobs/00000000-0000-0000-0000-000000000000"),
    ("GET", "/quarantine/c/x"),
    ("POST", "/eoepca/register"),
    ("POST", "/eoepca/deregister"),
    ("POST", "/eoepca/register-collection"),
    ("POST", "/eoepca/register-json"),
    ("POST", "/eoepca/processes/register/execution"),
    ("POST", "/eoepca/processes/deregister/execution"),
]


@pytest.mark.parametrize(("method", "path"), WRITING)
def test_only_writers_write(
    served: httpx.Client, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    del served.headers["Authorization"]
    missing = served.request(method, path)
    assert missing.status_code == 401
    assert missing.headers["WWW-Authenticate"] == "Bearer"
    for wrong in ("wrong", "Wröng"):
        headers = {"Authorization": f"Bearer {wrong}".encode()}
        answer = served.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    monkeypatch.delenv("SWATH_API_WRITE_TOKEN")
    off = served.request(method, path, headers={"Authorization": "Bearer wrong"})
    assert off.status_code == 403
    assert off.json()["description"] == "registration is off: set SWATH_API_WRITE_TOKEN"


def test_no_body_is_waited_for_of_somebody_who_may_not_write(served: httpx.Client) -> None:
    host, port = served.base_url.host, served.base_url.port
    assert port
    with socket.create_connection((host, port), timeout=20) as connection:
        head = f"POST /registration HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100000000\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 401")


def test_a_body_has_a_limit(served: httpx.Client) -> None:
    content = {"type": "iso", "collection": "c", "content": " " * (17 * 2**20)}
    answer = served.post("/registration", json=content)
    assert answer.status_code == 413
    assert "16777216 bytes" in answer.json()["description"]


def test_without_prefect_nothing_is_accepted(
    served: httpx.Client, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    answer = served.post("/registration", json={"type": "service", "url": "https://a/b"})
    assert answer.status_code == 503
    assert count(catalogue) == 0


@pytest.mark.parametrize(
    ("path", "body", "request_"),
    [
        (
            "register",
            {"type": "STAC-item", "url": "https://a/stac/", "parent_identifier": "c"},
            {"type": "stac-item", "url": "https://a/stac/catalog.json", "collection": "c"},
        ),
        (
            "register",
            {"type": "ades", "url": "https://a/ades"},
            {"type": "service", "url": "https://a/ades"},
        ),
        (
            "register",
            {"type": "oaproc", "url": "https://a/ades/"},
            {"type": "service", "url": "https://a/ades/"},
        ),
        (
            "register",
            {"type": "application", "url": "https://a/app.cwl"},
            {"type": "application", "url": "https://a/app.cwl"},
        ),
        (
            "register",
            {"type": "catalogue", "url": "https://a/csw"},
            {"type": "catalogue", "url": "https://a/csw"},
        ),
        (
            "register",
            {"type": "xml", "url": "https://a/iso.xml", "parent_identifier": "c"},
            {"type": "iso", "url": "https://a/iso.xml", "collection": "c"},
        ),
        (
            "register-collection",
            {"type": "Collection", "id": "new"},
            {"type": "stac-collection", "content": {"type": "Collection", "id": "new"}},
        ),
        ("register-json", ITEM, {"type": "stac-item", "content": ITEM}),
        (
            "deregister",
            {"type": "stac-item", "identifier": "a"},
            {"collection": "c", "items": ["a"]},
        ),
        (
            "deregister",
            {"type": "application", "url": "https://a/app.cwl"},
            {"url": "https://a/app.cwl"},
        ),
    ],
)
def test_messages_of_eoepca(
    served: httpx.Client,
    catalogue: Catalogue,
    path: str,
    body: dict[str, Any],
    request_: dict[str, Any],
) -> None:
    kind = path.partition("-")[0]
    answer = served.post(f"/eoepca/{path}", json=body)
    assert answer.status_code == 202, answer.text
    job = answer.json()["jobID"]
    assert answer.json()["message"] == f"{kind} is accepted as job {job}"
    assert answer.headers["Location"] == f"{served.base_url}/jobs/{job}"
    assert kept(catalogue, job)[0] == kind
    assert kept(catalogue, job)[3] == request_


@pytest.mark.parametrize(
    ("process", "inputs", "request_"),
    [
        (
            "register",
            {"type": "record", "source": "https://a/iso.xml", "target": "{api}/collections/c"},
            {"type": "iso", "url": "https://a/iso.xml", "collection": "c"},
        ),
        (
            "register",
            {
                "source": {"href": "https://a/item.json", "rel": "item"},
                "target": {"href": "{api}", "rel": "https://api.stacspec.org/v1.0.0/core",
                           "collection": "c"},
            },
            {"type": "stac-item", "url": "https://a/item.json", "collection": "c"},
        ),
        (
            "register",
            {"source": {"content": "cwlVersion: v1.2", "rel": "CWL"}},
            {"type": "application", "content": "cwlVersion: v1.2"},
        ),
        (
            "deregister",
            {"id": "b", "target": {"collection": "c"}},
            {"collection": "c", "items": ["b"]},
        ),
        ("deregister", {"source": "https://a/iso.xml"}, {"url": "https://a/iso.xml"}),
    ],
)  # fmt: skip
def test_executions_of_eoepca(
    served: httpx.Client,
    catalogue: Catalogue,
    process: str,
    inputs: dict[str, Any],
    request_: dict[str, Any],
) -> None:
    body = orjson.dumps({"inputs": inputs}).replace(b"{api}", str(served.base_url).encode())
    answer = served.post(f"/eoepca/processes/{process}/execution", content=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.json()["status"] == "accepted"
    assert answer.headers["Location"].endswith(answer.json()["jobID"])
    assert kept(catalogue, answer.json()["jobID"])[3] == request_


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("register", {"type": "map", "url": "https://a/b"}, 400, "no type 'map'; there are: stac"),
        ("register", {"type": "xml"}, 400, "say either `url` or `content`"),
        ("deregister", {"type": "xml"}, 400, "say either `items` or `url`"),
        ("deregister", {"type": "xml", "identifier": "nope"}, 404, "no item 'nope'"),
        ("register-json", {"type": "Thing"}, 400, "neither a STAC Item nor a STAC Collection"),
        (
            "processes/register/execution",
            {"inputs": {"source": "https://a/b", "type": "item", "target": "https://b/c"}},
            400,
            "the target https://b/c is another catalogue",
        ),
        (
            "processes/register/execution",
            {"inputs": {"source": "https://a/b", "type": "item", "target": "http://[x"}},
            400,
            "the target http://[x is no address: Invalid IPv6 URL",
        ),
        ("register", {"type": "xml", "url": "http://[x"}, 400, "http://[x is no address"),
    ],
)
def test_messages_of_eoepca_that_make_no_sense(
    served: httpx.Client, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    answer = served.post(f"/eoepca/{path}", json=body)
    assert answer.status_code == status
    assert said in answer.json()["description"]


def test_openapi_tells_of_bodies_and_of_the_token(served: httpx.Client) -> None:
    document = served.get("/api").json()
    route = document["paths"]["/registration"]["post"]
    schema = route["requestBody"]["content"]["application/json"]["schema"]
    assert "stac-item" in schema["properties"]["type"]["enum"]
    assert {"writer": []} in route["security"]
