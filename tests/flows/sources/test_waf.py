"""The WAF source against Python's web server, and listings as Apache and nginx write them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree
from threading import Thread
from typing import Any

import pytest

from flows.found import Found
from flows.scope import Scope
from flows.sources import waf
from infrastructure.errors import Unreachable, Unreadable

Reply = tuple[int, dict[str, str], bytes]

Serve = Callable[[Callable[[str, str, bytes], Reply]], str]

NOW = datetime.now(UTC)


def ask(url: str, scope: Scope | None = None, **options: Any) -> list[Found]:
    return list(waf.search(scope or Scope(), url=url, **options))


def names(found: list[Found]) -> set[str]:
    assert len({f.upstream_id for f in found}) == len(found)
    return {f.upstream_id for f in found}


@contextmanager
def folder_server(folder: Path, asked: list[str]) -> Iterator[str]:
    """Python's own server of files; it tells `Last-Modified`, and no dates in its listings."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_request(self, *_: Any) -> None:
            asked.append(f"{self.command} {self.path}")

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path) -> Path:
    """Five records with strange names in a folder, two in a folder within it."""
    copytree(shared_data / "iso/ids-with-paths", tmp_path / "waf")
    copytree(shared_data / "iso/noaa-avhrr", tmp_path / "waf" / "noaa avhrr & co")
    return tmp_path / "waf"


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def url(folder: Path, asked: list[str]) -> Iterator[str]:
    with folder_server(folder, asked) as url:
        yield url


def test_every_record_of_a_real_folder_comes_as_it_is(shared_data: Path) -> None:
    root = shared_data / "iso"
    files = {str(path.relative_to(root)): path for path in root.rglob("*.xml")}
    with folder_server(root, []) as url:
        found = ask(f"{url}/")
    assert names(found) == set(files)
    assert all(f.record == files[f.upstream_id].read_bytes() for f in found)


def test_a_record_has_the_time_of_its_file_and_the_fingerprint_of_its_content(
    url: str, folder: Path
) -> None:
    path = folder / "file_id_as_url.xml"
    os.utime(path, (1_500_000_000, 1_500_000_000))
    before = {f.upstream_id: f for f in ask(url)}
    assert before[path.name].changed == datetime.fromtimestamp(1_500_000_000, UTC)
    path.write_bytes(path.read_bytes() + b"\n")
    os.utime(folder / "file_id_with_colon.xml", (1, 1))
    after = {f.upstream_id: f for f in ask(url)}
    changed = {n for n in before if before[n].fingerprint != after[n].fingerprint}
    assert changed == {path.name}


def test_only_what_is_below_the_address_is_read(folder: Path, asked: list[str]) -> None:
    (folder / "noaa avhrr & co" / "index.html").write_text(
        '<a href="AVHRR.2011.7Agg.xml">a</a> <a href="../file_id_as_url.xml">up</a>'
        '<a href="/file_id_as_url.xml">root</a> <a href="http://192.0.2.1/x.xml">other</a>'
        '<a href="%2e%2e/file_id_with_colon.xml">tricky</a> <a href="?C=N;O=D">Name</a>'
        '<a href="#top">top</a> <a href="mailto:a@b.c">mail</a> <a href="http://[bad">bad</a>'
        '<a href="./AVHRR.2011.7Agg.xml#again">again</a> <a>no address</a> <a href="">self</a>'
    )
    with folder_server(folder, asked) as url:
        assert names(ask(f"{url}/noaa%20avhrr%20&%20co")) == {"AVHRR.2011.7Agg.xml"}
    assert not [one for one in asked if "file_id" in one]


def test_patterns_say_what_is_a_record_and_what_is_left_out(url: str, folder: Path) -> None:
    (folder / "UPPER.XML").write_text("<a/>")
    (folder / "notes.txt").write_text("notes")
    every = names(ask(url))
    assert "UPPER.XML" in every
    assert "notes.txt" not in every
    assert names(ask(url, include=["*.txt"])) == {"notes.txt"}
    assert names(ask(url, exclude=["noaa*", "upper*"])) == {
        name for name in every if "/" not in name and name != "UPPER.XML"
    }


def test_only_what_changed_is_read_by_asking_for_heads(
    url: str, folder: Path, asked: list[str]
) -> None:
    for path in folder.rglob("*.xml"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    os.utime(folder / "file_id_as_url.xml", (1_700_000_000, 1_700_000_000))
    scope = Scope(since=datetime.fromtimestamp(1_700_000_000, UTC))
    assert names(ask(url, scope)) == {"file_id_as_url.xml"}
    assert scope.pushed == {"since"}
    assert [one for one in asked if one.startswith("GET") and one.endswith(".xml")] == [
        "GET /file_id_as_url.xml"
    ]


def test_nothing_new_is_nothing(url: str) -> None:
    assert ask(url, Scope(since=NOW + timedelta(days=2))) == []


def apache(name: str, when: datetime) -> str:
    return f'<a href="{name}">{name}</a>  {when:%Y-%m-%d %H:%M}  1.2K\n'


def apache_table(name: str, when: datetime) -> str:
    return (
        f'<tr><td><img src="/icons/text.gif"></td><td><a href="{name}">{name}</a></td>'
        f'<td align="right">{when:%Y-%m-%d %H:%M}  </td><td align="right">1.2K</td></tr>'
    )


def nginx(name: str, when: datetime) -> str:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    told = f"{when:%d}-{months[when.month - 1]}-{when:%Y %H:%M}"
    return f'<a href="{name}">{name}</a>          {told}          1234\n'


@pytest.mark.parametrize("line", [apache, apache_table, nginx])
def test_dates_in_a_listing_save_requests(
    serve: Serve, line: Callable[[str, datetime], str]
) -> None:
    """Its zone is not told: a file of the last day before the moment must be looked at."""
    since = datetime(2024, 5, 10, tzinfo=UTC)
    times = {
        "old.xml": datetime(2024, 5, 8, 23, 59, tzinfo=UTC),
        "near.xml": datetime(2024, 5, 9, 13, tzinfo=UTC),
        "new.xml": datetime(2024, 5, 12, tzinfo=UTC),
    }
    asked = []

    def respond(method: str, path: str, _body: bytes) -> Reply:
        asked.append(f"{method} {path}")
        if path == "/":
            lines = "".join(line(name, when) for name, when in times.items())
            return 200, {}, f"<h1>Index of /</h1><pre><table>{lines}</table></pre>".encode()
        when = times[path[1:]] + timedelta(hours=11)  # the listing's clock is of another zone
        return 200, {"Last-Modified": format_datetime(when, usegmt=True)}, b"<a/>"

    assert names(ask(serve(respond), Scope(since=since))) == {"near.xml", "new.xml"}
    assert "HEAD /near.xml" in asked
    assert not [one for one in asked if "old" in one]


def test_a_server_that_knows_no_heads_and_no_times_is_read_whole(serve: Serve) -> None:
    def respond(method: str, path: str, _body: bytes) -> Reply:
        if method == "HEAD":
            return 405, {}, b""
        return 200, {}, b'<a href="a.xml">a</a>' if path == "/" else b"<a/>"

    [found] = ask(serve(respond), Scope(since=NOW))
    assert found.upstream_id == "a.xml"
    assert found.changed is None


def test_a_missing_file_or_folder_goes_to_quarantine_and_the_others_go_on(
    folder: Path, asked: list[str]
) -> None:
    (folder / "index.html").write_text(
        '<a href="gone.xml">1</a> <a href="gone/">2</a> <a href="file_id_as_url.xml">3</a>'
    )
    with folder_server(folder, asked) as url:
        found = {f.upstream_id: f.error for f in ask(url)}
    assert found.pop("file_id_as_url.xml") is None
    assert set(found) == {"gone.xml", "gone/"}
    assert all("answers with status 404" in str(error) for error in found.values())


@pytest.mark.parametrize(("status", "kind"), [(403, Unreadable), (500, Unreachable)])
def test_a_folder_that_cannot_be_listed_is_an_error_because_it_hides_records(
    serve: Serve, impatient: Scope, status: int, kind: type[Exception]
) -> None:
    def respond(_method: str, path: str, _body: bytes) -> Reply:
        if path == "/":
            return 200, {}, b'<a href="a.xml">a</a> <a href="secret/">s</a>'
        return (200, {}, b"<a/>") if path == "/a.xml" else (status, {}, b"no")

    url, seen = serve(respond), list[Found]()
    with pytest.raises(kind, match=f"secret/ answers with status {status}"):
        seen.extend(waf.search(impatient, url=url))
    assert names(seen) == {"a.xml"}
    assert names(ask(url, impatient, exclude=["secret/*", "secret/"])) == {"a.xml"}


def test_a_folder_that_contains_itself_ends_at_the_depth_with_an_error(
    url: str, folder: Path
) -> None:
    (folder / "noaa avhrr & co" / "loop").symlink_to(folder, target_is_directory=True)
    found = ask(url, depth=3)
    [deep] = [f for f in found if f.error]
    assert deep.upstream_id == "noaa avhrr & co/loop/noaa avhrr & co/"
    assert "lies deeper than 3 levels" in str(deep.error)
    assert "noaa avhrr & co/loop/file_id_as_url.xml" in names(found)


def test_pages_that_link_to_each_other_are_read_once(serve: Serve) -> None:
    asked = []

    def respond(_method: str, path: str, _body: bytes) -> Reply:
        asked.append(path)
        pages = {"/": b'<a href="a/">', "/a/": b'<a href="b/">', "/a/b/": b'<a href="/a/">'}
        return 200, {}, pages.get(path, b"<a/>") + b'<a href="/a/b/x.xml">'

    assert names(ask(serve(respond))) == {"a/b/x.xml"}
    assert sorted(asked) == ["/", "/a/", "/a/b/", "/a/b/x.xml"]


def test_a_file_that_leads_elsewhere_is_not_taken(serve: Serve) -> None:
    other = serve(lambda *_: (200, {}, b"<html>Please log in</html>"))

    def respond(_method: str, path: str, _body: bytes) -> Reply:
        if path == "/":
            return 200, {}, b'<a href="a.xml">a</a>'
        return 302, {"Location": f"{other}/login"}, b""

    [found] = ask(serve(respond))
    assert found.record is None
    assert f"leads elsewhere: {other}/login" in str(found.error)


@pytest.mark.parametrize("content", [b"", b"<html><p>Welcome</p></html>", b"<a/>"])
def test_an_address_without_records_is_an_error(serve: Serve, content: bytes) -> None:
    url = serve(lambda *_: (200, {}, content))
    with pytest.raises(Unreadable, match=f"{url} links to no records"):
        ask(url)


def test_a_server_that_is_not_there_is_one_clear_line(impatient: Scope) -> None:
    with pytest.raises(Unreachable, match=r"http://127.0.0.1:9/ does not answer"):
        ask("http://127.0.0.1:9/", impatient)
