"""Requests that MapProxy would answer with an internal error, found before it sees them.

What MapProxy checks well itself (layers, formats, CRS, styles, tiles outside the grid) is left to
it. Exceptions are those of WMS 1.1.1 (annex A.3), WMS 1.3.0 (6.11) and OWS Common 1.1 (8), which
WMTS 1.0 uses.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode

from tiling.answer import Answer
from tiling.layers import GRIDS, LEVELS
from tiling.services import MAX_PIXELS

Parameters = dict[str, str]
"""By lower-case name; of one given twice, the first counts."""

_TILE = re.compile(
    r"/wmts/(?P<layer>[\w.:-]+)/((?P<time>[^/]+(/[^/]+){0,2})/)?(?P<tilematrixset>[\w.:-]+)"
    r"/(?P<tilematrix>\d+)/(?P<tilecol>-?\d+)/(?P<tilerow>-?\d+)\.(?P<format>\w+)"
)
_CAPABILITIES = "/wmts/1.0.0/WMTSCapabilities.xml"
_LONGEST = 8192
"""Characters of all values of a query string."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a request."""

    code: str
    text: str
    locator: str = ""


def parameters(query: str) -> Parameters:
    """The query string's parameters."""
    found: Parameters = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name.lower(), value)
    return found


def by_key(path: str, params: Parameters) -> tuple[str, Parameters]:
    """A request as one by key and value, if it is for a tile by its address and has a TIME.

    MapProxy's RESTful service knows the addresses without TIME only. In an address it stands
    between layer and grid, or in the query string.
    """
    tile = _TILE.fullmatch(path)
    if tile is None or not (tile["time"] or params.get("time")):
        return path, params
    parts = {name: value for name, value in tile.groupdict().items() if value is not None}
    parts["format"] = f"image/{parts['format']}"
    fixed = {"service": "WMTS", "version": "1.0.0", "request": "GetTile", "style": "default"}
    return "/service", {"time": params.get("time", "")} | fixed | parts


def canonical(params: Parameters, time: str | None = None) -> str:
    """The query string for MapProxy, without what would harm and in a CRS that its grids know.

    MapProxy's WMS would keep a tree of tiles for each value of any dimension; so it gets none but
    the name of a period, as `tiling.times` makes it. An exception as a picture (EXCEPTIONS) would
    be a success that caches keep.
    """
    kept = {
        name: value
        for name, value in params.items()
        if name not in ("time", "elevation", "exceptions") and not name.startswith("dim_")
    }
    return urlencode(kept | _geographic(params) | ({"time": time} if time else {}))


def _geographic(params: Parameters) -> Parameters:
    """A box in CRS:84, which MapProxy offers but cannot warp, as one in EPSG:4326.

    WMS 1.3.0 (6.7.3) gives CRS:84 in longitude, latitude and EPSG:4326 the other way round.
    """
    name = next((key for key in ("crs", "srs") if params.get(key, "").upper() == "CRS:84"), None)
    if name is None:
        return {}
    west, south, east, north = params.get("bbox", "0,0,1,1").split(",")
    turned = (west, south, east, north) if _old(params) else (south, west, north, east)
    return {name: "EPSG:4326", "bbox": ",".join(turned)}


def _old(params: Parameters) -> bool:
    """Whether a WMS request is of a version before 1.3.0."""
    version = params.get("version") or params.get("wmtver") or "1.3.0"
    return [int(number) for number in version.split(".")] < [1, 3]


def fault(path: str, params: Parameters) -> Fault | None:
    """What is wrong with a request below a collection's address, if anything."""
    if sum(map(len, params.values())) > _LONGEST:
        return Fault("InvalidParameterValue", "The request is too long.")
    if path.startswith("/wmts"):
        return _rest(path)
    request = params.get("request", "").lower()
    if request == "getfeatureinfo":
        code = "LayerNotQueryable" if is_wms(params) else "OperationNotSupported"
        return Fault(code, "The layers are pictures; ask the catalogue for the items.", "request")
    if is_wms(params):
        return _wms(params)
    return _kvp(params) if request == "gettile" else None


def is_wms(params: Parameters) -> bool:
    """Whether a request by parameters is for the WMS."""
    return params.get("service", "wms").lower() == "wms"


def _rest(path: str) -> Fault | None:
    if path == _CAPABILITIES:
        return None
    tile = _TILE.fullmatch(path)
    if tile is None:
        return Fault(
            "InvalidParameterValue",
            "A tile's address ends in /{Layer}/{TileMatrixSet}/{TileMatrix}/{TileCol}/{TileRow}"
            ".{Format}.",
        )
    return _level(tile["tilematrix"])


def _level(value: str) -> Fault | None:
    if re.fullmatch(r"\d{1,3}", value, re.ASCII) and int(value) < LEVELS:
        return None
    text = f"TileMatrix is a number from 0 to {LEVELS - 1}."
    return Fault("InvalidParameterValue", text, "TileMatrix")


def _kvp(params: Parameters) -> Fault | None:
    """WMTS 1.0, 7.2.1: GetTile by key and value."""
    for name in ("layer", "tilematrixset", "tilematrix", "tilerow", "tilecol", "format"):
        if not params.get(name):
            return Fault("MissingParameterValue", f"{name} is missing.", name)
    for name in ("tilerow", "tilecol"):
        if not re.fullmatch(r"-?\d{1,9}", params[name], re.ASCII):
            return Fault("InvalidParameterValue", f"{name} is a whole number.", name)
    if params["tilematrixset"] not in GRIDS:
        return Fault(
            "InvalidParameterValue", f"TileMatrixSet is one of {', '.join(GRIDS)}.", "TileMatrixSet"
        )
    return _level(params["tilematrix"])


def _wms(params: Parameters) -> Fault | None:
    version = params.get("version") or params.get("wmtver") or "1.3.0"
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,2}", version, re.ASCII):
        return Fault("InvalidParameterValue", "VERSION looks like 1.3.0.", "version")
    if params.get("request", "").lower() not in ("getmap", "map"):
        return None
    for check in (_present, _box, _size, _colour):
        found = check(params)
        if found:
            return found
    return None


def _present(params: Parameters) -> Fault | None:
    reference = params.get("crs") or params.get("srs")
    if not reference:
        return Fault("MissingParameterValue", "CRS (or SRS, before 1.3.0) is missing.", "crs")
    if not re.fullmatch(r"(EPSG|CRS):\d{1,6}", reference.upper(), re.ASCII):
        code = "InvalidSRS" if _old(params) else "InvalidCRS"
        return Fault(code, "A CRS looks like EPSG:3857.", "crs")
    for name in ("layers", "bbox", "width", "height", "format"):
        if not params.get(name):
            return Fault("MissingParameterValue", f"{name.upper()} is missing.", name)
    return None


def _box(params: Parameters) -> Fault | None:
    """WMS 1.3.0, 7.3.3.6: four numbers, the lower corner first."""
    text = "BBOX is four numbers: the lower corner, then the upper."
    wrong = Fault("InvalidParameterValue", text, "bbox")
    try:
        box = [float(number) for number in params["bbox"].split(",")]
    except ValueError:
        return wrong
    if len(box) != 4 or not all(map(math.isfinite, box)):
        return wrong
    return None if box[0] < box[2] and box[1] < box[3] else wrong


def _size(params: Parameters) -> Fault | None:
    for name in ("width", "height"):
        if not re.fullmatch(r"0*[1-9]\d{0,5}(\.0*)?", params[name], re.ASCII):
            text = f"{name.upper()} is a whole number of pixels."
            return Fault("InvalidParameterValue", text, name)
    if float(params["width"]) * float(params["height"]) > MAX_PIXELS:
        text = f"A picture has {MAX_PIXELS} pixels at most."
        return Fault("InvalidParameterValue", text, "width")
    return None


def _colour(params: Parameters) -> Fault | None:
    if re.fullmatch(r"0[xX][0-9a-fA-F]{6}", params.get("bgcolor", "0xffffff"), re.ASCII):
        return None
    return Fault("InvalidParameterValue", "BGCOLOR looks like 0xFFFFFF.", "bgcolor")


def exception(found: Fault, path: str, params: Parameters, status: int = 400) -> Answer:
    """The exception report that the client's protocol knows."""
    write: Callable[[Fault], tuple[str, str]] = _ows
    if not path.startswith("/wmts") and is_wms(params):
        write = _wms_111 if found.locator != "version" and _old(params) else _wms_130
    kind, body = write(found)
    return Answer(status, f'<?xml version="1.0"?>\n{body}\n'.encode(), {"content-type": kind})


def _ows(found: Fault) -> tuple[str, str]:
    locator = f' locator="{escape(found.locator)}"' if found.locator else ""
    return "text/xml; charset=utf-8", (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1" version="1.0.0"'
        f' xml:lang="en">\n <ows:Exception exceptionCode="{found.code}"{locator}>\n'
        f"  <ows:ExceptionText>{escape(found.text)}</ows:ExceptionText>\n </ows:Exception>\n"
        "</ows:ExceptionReport>"
    )


def _wms_130(found: Fault) -> tuple[str, str]:
    return "text/xml; charset=utf-8", (
        '<ServiceExceptionReport version="1.3.0" xmlns="http://www.opengis.net/ogc">\n'
        f' <ServiceException code="{found.code}">{escape(found.text)}</ServiceException>\n'
        "</ServiceExceptionReport>"
    )


def _wms_111(found: Fault) -> tuple[str, str]:
    return "application/vnd.ogc.se_xml", (
        '<ServiceExceptionReport version="1.1.1">\n'
        f' <ServiceException code="{found.code}">{escape(found.text)}</ServiceException>\n'
        "</ServiceExceptionReport>"
    )
