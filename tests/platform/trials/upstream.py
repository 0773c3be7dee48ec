"""An upstream of 20 pages of 10 records, at fault on page 7: a program of its own.

It prints its port. A fault is a path: `/error` is the landing page of a STAC API that answers page
7 with status 500, `/xml` a CSW whose page 7 breaks off. `POST /heal` ends all faults for good.
"""

import json
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGES, SIZE, BAD = 20, 10, 7
CSW = "http://www.opengis.net/cat/csw/2.0.2"
CAPABILITIES = f"""<csw:Capabilities xmlns:csw="{CSW}" xmlns:ows="http://www.opengis.net/ows"
 version="2.0.2"><ows:OperationsMetadata><ows:Operation name="GetRecords"><ows:Parameter
 name="outputSchema"><ows:Value>{CSW}</ows:Value></ows:Parameter></ows:Operation>
</ows:OperationsMetadata></csw:Capabilities>"""
RECORD = """<csw:Record xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:dct="http://purl.org/dc/terms/" xmlns:ows="http://www.opengis.net/ows">
<dc:identifier>record-{number:03}</dc:identifier><dc:title>Record {number}</dc:title>
<dc:type>dataset</dc:type><dct:modified>2024-01-01</dct:modified><dc:date>2024-01-01</dc:date>
<ows:BoundingBox crs="urn:ogc:def:crs:EPSG::4326"><ows:LowerCorner>10 20</ows:LowerCorner>
<ows:UpperCorner>11 21</ows:UpperCorner></ows:BoundingBox></csw:Record>"""


class Upstream(BaseHTTPRequestHandler):
    """The answers."""

    protocol_version = "HTTP/1.1"
    healed = False
    was_busy = False

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        fault, _, operation = path.strip("/").partition("/")
        if fault == "xml":
            self._send(CAPABILITIES.encode())
        elif operation == "search":
            page = int(found[1]) if (found := re.search(r"p=(\d+)", query)) else 1
            self._page(fault, page, _json(items(page, f"{self._home}/{fault}/search")))
        else:
            self._send(_json(landing(f"{self._home}/{fault}")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/heal":
            Upstream.healed = True
            self._send(b"{}")
            return
        found = re.search(r'startPosition="(\d+)"', body)
        page = (int(found[1]) if found else 1) // SIZE + 1
        self._page("xml", page, records(page))

    def _page(self, fault: str, page: int, content: bytes) -> None:
        if fault == "slow":
            time.sleep(0.3)
        at_fault = page == BAD and not Upstream.healed
        match fault if at_fault else "":
            case "busy" if not Upstream.was_busy:
                Upstream.was_busy = True
                self._send(b"come back", 429, {"Retry-After": "1"})
            case "error":
                self._send(b"something broke", 500)
            case "hang":
                time.sleep(30)
            case "cut":
                self._send(content[:500], headers={"Content-Length": str(len(content))})
            case "json" | "xml":
                self._send(content[:-20])
            case _:
                self._send(content)

    def _send(
        self, content: bytes, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        kind = "application/xml" if content.startswith(b"<") else "application/geo+json"
        length = str(len(content))
        for name, value in {
            "Content-Type": kind,
            "Content-Length": length,
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = headers is not None

    @property
    def _home(self) -> str:
        return f"http://{self.headers['Host']}"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def landing(url: str) -> dict[str, Any]:
    core = "https://api.stacspec.org/v1.0.0"
    link = {"rel": "search", "type": "application/geo+json", "href": f"{url}/search"}
    return {
        "type": "Catalog",
        "stac_version": "1.0.0",
        "id": "upstream",
        "description": "An upstream with a fault",
        "conformsTo": [f"{core}/core", f"{core}/item-search"],
        "links": [link],
    }


def items(page: int, search: str) -> dict[str, Any]:
    features = [item(number) for number in range((page - 1) * SIZE, page * SIZE)]
    following = [{"rel": "next", "href": f"{search}?p={page + 1}"}] if page < PAGES else []
    return {"type": "FeatureCollection", "features": features, "links": following}


def item(number: int) -> dict[str, Any]:
    west, south = number / 10, 10.0
    ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number:03}",
        "collection": "upstream",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "bbox": [west, south, west + 1, south + 1],
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
        "links": [],
        "assets": {},
    }


def records(page: int) -> bytes:
    numbers = range((page - 1) * SIZE, page * SIZE)
    following = page * SIZE + 1 if page < PAGES else 0
    found = "".join(RECORD.format(number=number) for number in numbers)
    results = (
        f'<csw:SearchResults numberOfRecordsMatched="{PAGES * SIZE}"'
        f' numberOfRecordsReturned="{SIZE}" nextRecord="{following}">{found}</csw:SearchResults>'
    )
    root = f'<csw:GetRecordsResponse xmlns:csw="{CSW}" version="2.0.2">{results}'
    return f"{root}</csw:GetRecordsResponse>".encode()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()
