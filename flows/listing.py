"""The pages by which web servers list the files of a folder."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

DATE = re.compile(r"\b(\d{4}-\d\d-\d\d|\d\d-[A-Z][a-z]{2}-\d{4})[ T](\d\d:\d\d)")
"""When a file was changed, as listings of Apache, nginx and their kind tell it."""


def links(content: bytes, url: str) -> Iterator[tuple[str, datetime | None]]:
    """What a page links to: absolute addresses, with the dates that stand beside them.

    Args:
        content: The page.
        url: Its address.

    Returns:
        Pairs; the date is in a zone that the page does not tell, here called UTC.
    """
    try:
        page = html.document_fromstring(content)
    except etree.ParserError:  # it is empty
        return
    for link in page.iterfind(".//a[@href]"):
        try:
            target = urljoin(url, link.get("href", "").strip())
            urlsplit(target)
        except ValueError:  # it is no address
            continue
        yield target.partition("#")[0], _told(link)


def _told(link: etree._Element) -> datetime | None:
    """The date in the text after a link, or in its row of a table."""
    row = next(link.iterancestors("tr"), None)
    text = (link.tail or "") if row is None else " ".join(str(t) for t in row.itertext())
    date = DATE.search(text)
    if date is None:
        return None
    form = "%Y-%m-%d %H:%M" if date[1][:4].isdigit() else "%d-%b-%Y %H:%M"
    try:
        return datetime.strptime(f"{date[1]} {date[2]}", form).replace(tzinfo=UTC)
    except ValueError:
        return None
