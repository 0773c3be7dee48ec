"""Deployments of collection files on a Prefect server of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness
from typer.testing import CliRunner

from flows import cli
from flows.deploy import BY_NAME, deploy
from infrastructure.errors import Misconfigured, NotFound
from infrastructure.settings import DatabaseSettings

pytestmark = pytest.mark.platform


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for collection files, and a Prefect server."""
    monkeypatch.setenv("SWATH_HARVEST_COLLECTIONS", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    with prefect_test_harness(server_startup_timeout=90):
        monkeypatch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
        yield tmp_path


def write(folder: Path, *names: str) -> None:
    for name in names:
        story = f"{{id: {name}, title: T, description: D, source: {{type: folder, url: .}}}}"
        (folder / f"{name}.yaml").write_text(story)


def deployed() -> set[str]:
    with get_client(sync_client=True) as client:
        return {deployment.name for deployment in client.read_deployments(sort=BY_NAME, limit=9)}


def test_a_broken_file_keeps_its_deployment_and_those_of_files_that_are_gone_go(
    folder: Path,
    database_environment: DatabaseSettings,  # noqa: ARG001 - the command reads it
) -> None:
    write(folder, "good", "broken", "gone")
    assert deploy() == ["harvest/broken", "harvest/gone", "harvest/good"]
    (folder / "gone.yaml").unlink()
    (folder / "broken.yaml").write_text("id: [")
    with pytest.raises(Misconfigured, match=r"broken\.yaml: not a YAML mapping"):
        deploy()
    known = {"good", "broken", "gone", "register", "deregister"}
    assert deployed() == known, "who knows which id the broken file had"
    (folder / "broken.yaml").write_text("id: broken")
    with pytest.raises(Misconfigured, match=r"broken\.yaml: "):
        deploy()
    assert deployed() == known - {"gone"}
    write(folder, "new")
    with pytest.raises(NotFound, match="'new' is not deployed yet: `swath harvest deploy` does it"):
        CliRunner().invoke(cli.app, ["run", "new"], catch_exceptions=False)
    with pytest.raises(
        NotFound, match=r"no collection file for 'nope' in .* there are: broken, good, new"
    ):
        CliRunner().invoke(cli.app, ["run", "nope"], catch_exceptions=False)
