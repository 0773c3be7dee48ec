"""Finding elements by their names without namespaces, and what they say."""

from collections.abc import Iterator
from functools import cache

from lxml import etree

XLINK = "{http://www.w3.org/1999/xlink}href"


def every(element: etree._Element, *paths: str) -> list[etree._Element]:
    """All elements at paths of names such as `citation/*/title`; `*` is any element."""
    return [found for path in paths for found in element.findall(_path(path))]


def first(element: etree._Element, path: str) -> etree._Element | None:
    """The first element at a path."""
    return element.find(_path(path))


def text(element: etree._Element, *paths: str) -> str | None:
    """What the first element says that says anything, on one line."""
    said = prose(element, *paths)
    return None if said is None else " ".join(said.split())


def texts(element: etree._Element, *paths: str) -> list[str]:
    """What each element says, on one line each; those that say nothing are left out."""
    return [" ".join(said.split()) for found in every(element, *paths) if (said := says(found))]


def prose(element: etree._Element, *paths: str) -> str | None:
    """What the first element says that says anything, with its line breaks."""
    found = (each for path in paths for each in element.iterfind(_path(path)))
    return next((said for each in found if (said := says(each))), None)


def says(element: etree._Element) -> str:
    """The text of an element, or else of the first below it that has one.

    So the language of the record comes before its translations (PT_FreeText).
    """
    own = (found.text.strip() for found in element.iter(etree.Element) if found.text)
    return next((said for said in own if said), "")


def code(element: etree._Element, path: str) -> str | None:
    """The value of the first code list at a path that has one."""
    return next(iter(codes(element, path)), None)


def codes(element: etree._Element, path: str) -> list[str]:
    """The values of code lists at a path; of North American numbers (`RI_367`) their words."""
    return [value for found in every(element, path) if (value := _code(found))]


def _code(element: etree._Element) -> str:
    for inner in element.iter(etree.Element):
        value = inner.get("codeListValue", "").strip()
        if value and not value.startswith("RI_"):
            return value
    return says(element).partition(";")[0].strip()


def links(element: etree._Element) -> Iterator[str]:
    """The addresses that texts below an element are anchored to."""
    return (href for found in element.iter(etree.Element) if (href := found.get(XLINK)))


def name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


@cache
def _path(path: str) -> str:
    return "/".join(step if step in {"", ".", "*"} else f"{{*}}{step}" for step in path.split("/"))
