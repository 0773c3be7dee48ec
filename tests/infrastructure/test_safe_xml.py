"""XML from elsewhere: what is taken, and what is refused before it can do harm."""

from pathlib import Path

import pytest

from infrastructure import safe_xml
from infrastructure.errors import Unreadable


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as error:
        safe_xml.parse(content, "a record")
    return str(error.value)


def test_a_document_is_its_root() -> None:
    root = safe_xml.parse("<!-- ä --><a><b>ü</b></a>".encode("utf-16"), "a record")
    assert [element.tag for element in root.iter("*")] == ["a", "b"]
    assert root[0].text == "ü"


@pytest.mark.parametrize("content", [b"", b"no XML", b"<a><b></a>", b"<a>&undeclared;</a>", b"\0"])
def test_what_is_not_well_formed_is_refused(content: bytes) -> None:
    assert refused(content).startswith("a record: no well-formed XML: ")


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "aaaa">',
        '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % a SYSTEM "http://localhost:1/a.dtd"> %a;',
    ],
)
def test_declared_entities_are_refused(declared: str) -> None:
    message = refused(f"<!DOCTYPE x [{declared}]><x>text</x>".encode())
    assert message == "a record: XML that declares entities is not taken"
    assert refused(f"<!DOCTYPE x [{declared}]><x>&a;&c;</x>".encode()).startswith("a record: ")


def test_a_document_type_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text('<!ENTITY a "from the file"><!ATTLIST x y CDATA "default">')
    address = (tmp_path / "x.dtd").as_uri()
    root = safe_xml.parse(f'<!DOCTYPE x SYSTEM "{address}"><x>text</x>'.encode(), "a record")
    assert (root.text, dict(root.attrib)) == ("text", {})
    unknown = f'<!DOCTYPE x SYSTEM "{address}"><x>&a;</x>'.encode()
    assert safe_xml.parse(unknown, "a record").findtext(".") != "from the file"


def test_depth_is_limited() -> None:
    def nested(levels: int) -> bytes:
        return b"<a>" * levels + b"</a>" * levels

    assert safe_xml.parse(nested(safe_xml.DEPTH), "a record").tag == "a"
    assert refused(nested(safe_xml.DEPTH + 1)) == "a record: XML of more than 100 levels"
    assert "no well-formed XML: Excessive depth" in refused(nested(10_000))


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "MOST", 1000)
    monkeypatch.setattr(safe_xml, "TAGS", 100)
    assert safe_xml.parse(b"<a>" + b"x" * 993 + b"</a>", "a record").tag == "a"
    assert refused(b"<a>" + b"x" * 994 + b"</a>") == "a record: XML of more than 1000 bytes"
    assert refused(b"<a>" + b"<b/>" * 99 + b"</a>") == "a record: XML of more than 100 tags"
