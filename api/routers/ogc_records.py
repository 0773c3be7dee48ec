"""OGC API - Records, Part 1: Core (OGC 20-004r1): the same catalogue as records.

Two catalogs: `datasets` has a record of every item, `series` one of every collection.
"""

from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from stac_fastapi.types.requests import get_base_url
from stac_fastapi.types.search import str2bbox

from api import freetext, recorded
from api.queryables import Queryables
from api.search.filters import read_json_text, read_text
from infrastructure.errors import Invalid, NotFound

router = APIRouter(prefix="/records", tags=["OGC API - Records"])

GEOJSON = "application/geo+json"
JSON = "application/json"
SPEC = "http://www.opengis.net/spec/ogcapi"

CONFORMANCE = [
    f"{SPEC}-common-1/1.0/conf/core",
    f"{SPEC}-common-2/1.0/conf/collections",
    f"{SPEC}-features-1/1.0/conf/core",
    f"{SPEC}-features-1/1.0/conf/geojson",
    f"{SPEC}-features-3/1.0/conf/filter",
    f"{SPEC}-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    f"{SPEC}-records-1/1.0/conf/record-core",
    f"{SPEC}-records-1/1.0/conf/record-core-query-parameters",
    f"{SPEC}-records-1/1.0/conf/sorting",
    f"{SPEC}-records-1/1.0/conf/json",
]

CATALOGS = {
    "datasets": ("Data sets", "A record of every item of every collection."),
    "series": ("Series", "A record of every collection."),
}

Link = dict[str, Any]


def links(base_url: str) -> list[Link]:
    """The link of the API's landing page to the catalogue of records."""
    title = "The catalogue as records (OGC API - Records)"
    relation = "http://www.opengis.net/def/rel/ogc/1.0/ogc-catalog"
    return [{**_link(relation, f"{base_url}records", JSON), "title": title}]


@router.get("")
async def landing(request: Request) -> dict[str, Any]:
    """The landing page of the catalogue of records."""
    base = _base(request)
    return {
        "title": request.app.title,
        "description": "The catalogue as records (OGC API - Records).",
        "links": [
            _link("self", base, JSON),
            _link("root", base, JSON),
            _link(
                "service-desc", f"{get_base_url(request)}api", "application/vnd.oai.openapi+json"
            ),
            _link("conformance", f"{base}/conformance", JSON),
            _link("data", f"{base}/collections", JSON),
        ],
    }


@router.get("/conformance")
async def conformance() -> dict[str, Any]:
    """The requirements classes that are met."""
    return {"conformsTo": CONFORMANCE}


@router.get("/collections")
async def catalogs(request: Request) -> dict[str, Any]:
    """The catalogs of records."""
    base = _base(request)
    return {
        "collections": [_catalog(name, base) for name in CATALOGS],
        "links": [_link("self", f"{base}/collections", JSON), _link("root", base, JSON)],
    }


@router.get("/collections/{catalog}")
async def catalog_of(catalog: str, request: Request) -> dict[str, Any]:
    """One catalog of records."""
    return _catalog(_known(catalog), _base(request))


@router.get("/collections/{catalog}/queryables")
async def queryables(catalog: str, request: Request) -> Response:
    """What records can be searched by: what items can."""
    _known(catalog)
    told = await Queryables().get_queryables(request)
    return Response(orjson.dumps(told), media_type="application/schema+json")


class Asked:
    """The parameters of a search for records (7.4, 7.5 and 9)."""

    def __init__(  # noqa: PLR0913 - the parameters of the standard
        self,
        *,
        bbox: Annotated[str | None, Query(description="West, south, east, north (CRS84).")] = None,
        datetime: Annotated[str | None, Query(description="A time or an interval.")] = None,
        q: Annotated[str | None, Query(description="Terms of which one is in the text.")] = None,
        ids: Annotated[str | None, Query(description="Ids of records.")] = None,
        type: Annotated[str | None, Query(description="dataset or series.")] = None,  # noqa: A002
        filter: Annotated[str | None, Query(description="A condition in CQL2.")] = None,  # noqa: A002
        filter_lang: Annotated[
            str, Query(alias="filter-lang", pattern="^cql2-(text|json)$")
        ] = "cql2-text",
        sortby: Annotated[str | None, Query(description="Properties; a - before turns.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 10,
        token: Annotated[str | None, Query(description="Where a page begins.")] = None,
    ) -> None:
        self.type = type
        read = read_text if filter_lang == "cql2-text" else read_json_text
        told = {
            "bbox": str2bbox(bbox) if bbox else None,
            "datetime": datetime,
            "q": freetext.terms(q),
            "ids": ids.split(",") if ids else None,
            "filter": read(filter) if filter else None,
            "sortby": [_sort(part) for part in sortby.split(",")] if sortby else None,
            "limit": limit,
            "token": token,
        }
        self.body = {name: value for name, value in told.items() if value}


@router.get("/collections/{catalog}/items", response_class=Response)
async def items(catalog: str, request: Request, asked: Annotated[Asked, Depends()]) -> Response:
    """A page of records."""
    kind = "dataset" if _known(catalog) == "datasets" else "series"
    search = recorded.datasets if kind == "dataset" else recorded.series
    told: dict[str, Any] = {"features": [], "numberMatched": 0, "numberReturned": 0}
    following = None
    if not asked.type or kind in asked.type.split(","):
        told, following = await search(request, asked.body, _base(request))
    links = [_link("self", _address(request), GEOJSON), _link("root", _base(request), JSON)]
    if following:
        links.append(_link("next", _address(request, token=following), GEOJSON))
    page = {"type": "FeatureCollection", **told, "links": links}
    return Response(orjson.dumps(page), media_type=GEOJSON)


@router.get("/collections/{catalog}/items/{record_id}", response_class=Response)
async def item(catalog: str, record_id: str, request: Request) -> Response:
    """One record: of a data set by `collection:item`, of a series by the collection's id."""
    read = recorded.dataset if _known(catalog) == "datasets" else recorded.one_series
    record = await read(request, record_id, _base(request))
    return Response(orjson.dumps(record), media_type=GEOJSON)


def _known(catalog: str) -> str:
    if catalog not in CATALOGS:
        raise NotFound(f"no catalog '{catalog}' of records; there are {', '.join(CATALOGS)}")
    return catalog


def _base(request: Request) -> str:
    return f"{get_base_url(request)}records"


def _address(request: Request, **more: str) -> str:
    """The address of the request as the client sees it, with more parameters."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", "")).lstrip("/")
    query = urlencode({**request.query_params, **more})
    return f"{get_base_url(request)}{path}" + (f"?{query}" if query else "")


def _catalog(name: str, base: str) -> dict[str, Any]:
    title, description = CATALOGS[name]
    own = f"{base}/collections/{name}"
    return {
        "id": name,
        "type": "Collection",
        "itemType": "record",
        "title": title,
        "description": description,
        "links": [
            _link("self", own, JSON),
            _link("root", base, JSON),
            _link("items", f"{own}/items", GEOJSON),
            _link("queryables", f"{own}/queryables", "application/schema+json"),
        ],
    }


def _sort(part: str) -> dict[str, str]:
    """`+property` or `-property` (9.4)."""
    name = part.lstrip("+- ")
    if not name:
        raise Invalid("sortby has an empty name")
    return {"field": name, "direction": "desc" if part.strip().startswith("-") else "asc"}


def _link(rel: str, href: str, kind: str) -> Link:
    return {"rel": rel, "href": href, "type": kind}
