"""What the embedded platform remembers, and the documents made from it; nothing is started."""

import json
import shlex
import socket
import stat
import threading
import time
from pathlib import Path

import prefect.settings
import pytest
from psycopg.pq import Conninfo
from supervisor.options import ServerOptions

from infrastructure.errors import Misconfigured, Unavailable
from infrastructure.local import logs, platform, ports
from infrastructure.local.configuration import configuration
from infrastructure.local.platform import Platform
from infrastructure.local.services import Ready, Service, services


@pytest.fixture
def made(tmp_path: Path) -> Platform:
    home = tmp_path / "a home, 100 % mine"
    home.mkdir()
    return platform.create(home, home / "postgresql", None, "0123456789abcdef")


def test_environment_holds_declared_variables_only(made: Platform) -> None:
    libpq = {(option.envvar or b"").decode() for option in Conninfo.get_defaults()}
    for name in platform.environment(made):
        if name.startswith("PREFECT_"):
            assert getattr(prefect.settings, name).name
        else:
            assert name in libpq or name in platform.settable()


def test_settings_of_the_user_win(made: Platform) -> None:
    made.settings["SWATH_STORAGE_URL"] = "s3://bucket"
    assert platform.environment(made)["SWATH_STORAGE_URL"] == "s3://bucket"


def test_store_is_a_url_and_prefect_stays_on_the_loopback(made: Platform) -> None:
    public = Platform(**{**vars(made), "host": "::"})
    environment = platform.environment(public)
    assert environment["SWATH_STORAGE_URL"].endswith("/a%20home%2C%20100%20%25%20mine/store")
    assert environment["SWATH_API_URL"] == f"http://{socket.gethostname()}:8080"
    assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert public.local_url("api") == "http://127.0.0.1:8080"
    prefect_command = next(s.command for s in services(public) if s.name == "prefect")
    assert "::" not in prefect_command


def test_platform_is_remembered_and_private(made: Platform) -> None:
    platform.save(made)
    assert platform.load(made.home) == made
    assert stat.S_IMODE((made.home / platform.STATE).stat().st_mode) == 0o600
    assert made.passwords["swath"] not in repr(made)


def test_the_write_token_is_in_the_environment_and_can_be_set(made: Platform) -> None:
    token = platform.environment(made)["SWATH_API_WRITE_TOKEN"]
    assert token == made.passwords["writer"]
    assert len(token) == 32
    made.settings["SWATH_API_WRITE_TOKEN"] = "mine"
    assert platform.environment(made)["SWATH_API_WRITE_TOKEN"] == "mine"
    del made.settings["SWATH_API_WRITE_TOKEN"], made.passwords["writer"]
    assert "SWATH_API_WRITE_TOKEN" not in platform.environment(made)


def test_home_without_or_with_a_broken_file(tmp_path: Path) -> None:
    assert platform.load(tmp_path) is None
    (tmp_path / platform.STATE).write_text(json.dumps({"id": "x"}))
    with pytest.raises(Misconfigured, match="cannot read"):
        platform.load(tmp_path)


def test_no_secret_on_a_command_line(made: Platform) -> None:
    for service in services(made):
        line = " ".join(service.command)
        assert not any(secret in line for secret in made.passwords.values())


def test_services_start_in_order(made: Platform) -> None:
    names = ["database", "prefect", "worker", "api", "tiles", "events"]
    assert [s.name for s in services(made)] == names
    assert [s.name for s in services(made, ["api", "database"])] == ["database", "api"]
    with pytest.raises(Misconfigured, match="no service 'nginx'"):
        services(made, ["nginx"])


def test_supervisord_reads_back_what_was_written(made: Platform) -> None:
    (made.home / "logs").mkdir()
    conf = made.home / "supervisord.conf"
    conf.write_text(configuration(made, services(made)))
    options = ServerOptions()
    options.realize(["-c", str(conf)])
    programs = {g.name: g.process_configs[0] for g in options.process_group_configs}
    for service in services(made):
        program = programs[service.name]
        assert shlex.split(program.command)[4:] == list(service.command)
        assert program.environment == service.environment
        assert program.stdout_logfile == str(made.home / "logs" / f"{service.name}.log")
        assert not program.autostart
    assert programs["worker"].stopasgroup
    assert programs["worker"].killasgroup
    assert options.identifier == made.id


@pytest.mark.parametrize("value", ['say "x"', "two\nlines", "a ;comment", "a #comment"])
def test_values_that_supervisord_would_spoil_are_refused(made: Platform, value: str) -> None:
    spoilt = Service("x", ("/bin/true",), {"SWATH_X": value}, None, Ready(""), "")
    with pytest.raises(Misconfigured, match="supervisord cannot carry"):
        configuration(made, [spoilt])


def test_taken_port_is_replaced_by_the_next_that_nobody_wants() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chosen = ports.choose({"api": port, "tiles": port + 1}, {})
    assert chosen["api"] > port + 1
    assert chosen["tiles"] != chosen["api"]


def test_foreign_address_is_refused() -> None:
    with pytest.raises(Unavailable, match=r"cannot listen on 192\.0\.2\.1"):
        ports.is_free("192.0.2.1", 8080)


def test_services_do_not_inherit_other_databases() -> None:
    kept = platform.inherited(
        {"PGHOST": "elsewhere", "PREFECT_API_KEY": "x", "AWS_REGION": "eu", "no_proxy": "lan"}
    )
    local = "127.0.0.1,localhost"
    assert kept == {"AWS_REGION": "eu", "no_proxy": f"lan,{local}", "NO_PROXY": local}


def test_tail_and_follow_through_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert logs.tail(log, 5) == []
    log.write_text("1\n2\n3\n")
    assert logs.tail(log, 2) == ["2", "3"]
    assert logs.tail(log, 0) == []
    assert list(logs.follow({"x": log}, seconds=0)) == []


def test_follow_survives_rotation(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("old\n")

    def rotate() -> None:
        time.sleep(0.3)
        log.rename(tmp_path / "x.log.1")
        log.write_text("new\nhalf a li")
        time.sleep(0.3)
        with log.open("a") as file:
            file.write("ne\n")

    writer = threading.Thread(target=rotate)
    writer.start()
    seen = [line for _, line in logs.follow({"x": log}, seconds=1.2)]
    writer.join()
    assert seen == ["new", "half a line"]
