import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from flows.found import Found
from flows.readers import stac
from flows.scope import Scope
from flows.sources import odata
from flows.validate import valid
from infrastructure.errors import Unreachable, Unreadable

Json = dict[str, Any]

Answer = tuple[int, dict[str, str], bytes]

Serve = Callable[[Callable[[str, str, bytes], Answer]], str]

START = datetime(2024, 1, 1, tzinfo=UTC)

BOUND = re.compile(r"(\w+Date) (ge|lt) (\S+)")


def stamp(number: int) -> str:
    """The time of a product, a second after the one before; some with a fraction, some without."""
    moment = START + timedelta(seconds=number, microseconds=number % 2 * 5)
    return moment.isoformat().replace("+00:00", "Z")


class Service:
    """A service with the paging, the conditions and the limits of the Copernicus Data Space."""

    def __init__(self, products: list[Json]) -> None:
        self.products = products
        self.deleted: list[Json] = []
        self.asked: list[dict[str, list[str]]] = []
        self.home = ""
        self.names_next = True
        self.most = 1000
        self.skip = 10_000
        self.after: Callable[[int], None] = lambda _page: None

    def answer(self, _method: str, path: str, _body: bytes) -> Answer:
        address = urlsplit(path)
        asked = parse_qs(address.query)
        self.asked.append(asked)
        entities = {"/Products": self.products, "/DeletedProducts": self.deleted}[address.path]
        top = min(int(asked.get("$top", ["20"])[0]), self.most)
        skip = int(asked.get("$skip", ["0"])[0])
        if skip > self.skip:
            return 400, {}, b'{"detail": "$skip must be less than or equal to 10000"}'
        hits = self.hits(entities, asked)
        document: Json = {"value": hits[skip : skip + top]}
        if self.names_next and len(hits) > skip + top:
            following = {**asked, "$skip": [str(skip + top)]}
            query = urlencode(following, doseq=True)
            document["@odata.nextLink"] = f"{self.home}{address.path}?{query}"
        self.after(len(self.asked))
        return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()

    def hits(self, entities: list[Json], asked: dict[str, list[str]]) -> list[Json]:
        """What the conditions on times leave, in order; products of one time by their ids."""
        order = asked["$orderby"][0].removesuffix(" asc")
        hits = sorted(entities, key=lambda entity: (when(entity[order]), entity["Id"]))
        for name, sign, bound in BOUND.findall(asked.get("$filter", [""])[0]):
            limit = when(bound)
            hits = [e for e in hits if (when(e[name]) >= limit) == (sign == "ge")]
        return hits


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def recorded(shared_data: Path) -> list[Json]:
    """Products of the Copernicus Data Space, the first two with attributes and pictures."""
    rich = shared_data / "responses/providers-eodag/cop_dataspace_search.json"
    plain = shared_data / "responses/odata-cdse/odata.json"
    return [p for path in (rich, plain) for p in json.loads(path.read_text("utf-8"))["value"]]


@pytest.fixture
def service(recorded: list[Json], serve: Serve) -> Service:
    server = Service(recorded)
    server.home = serve(server.answer)
    return server


def many(recorded: list[Json], number: int) -> list[Json]:
    """Products with ids and times of their own."""
    plain = recorded[2]
    return [
        {
            **plain,
            "Id": f"id-{n:05}",
            "Name": f"{n:05}.SAFE",
            "PublicationDate": stamp(n),
            "ModificationDate": stamp(n),
        }
        for n in range(number)
    ]


def ids(found: list[Found]) -> list[str]:
    return [product.upstream_id for product in found]


def test_recorded_products_are_all_items(service: Service, recorded: list[Json]) -> None:
    found = list(odata.search(Scope(), url=f"{service.home}/", page=7))
    assert sorted(ids(found)) == sorted(p["Id"] for p in recorded)
    for product in found:
        item = stac.read(product)
        item.collection_id = "c"
        valid(item.to_dict(include_self_link=False, transform_hrefs=False))


def test_a_product_with_attributes(service: Service) -> None:
    found = list(odata.search(Scope(), url=service.home))
    document = next(f.document for f in found if f.upstream_id.startswith("05edf2bb"))
    assert document is not None
    properties = document["properties"]
    assert document["id"] == "S2A_MSIL1C_20200808T010311_N0500_R045_T54PXA_20230413T212505"
    kept = properties.pop("swath:upstream")
    assert properties == {
        "title": "S2A_MSIL1C_20200808T010311_N0500_R045_T54PXA_20230413T212505.SAFE",
        "datetime": "2020-08-08T01:03:11.024000Z",
        "published": "2023-08-23T09:26:23.105134Z",
        "updated": "2024-05-08T14:55:49.434177Z",
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "eo:cloud_cover": 95.136736479015,
        "sat:absolute_orbit": 26783,
        "sat:relative_orbit": 45,
        "processing:level": "L1C",
        "processing:datetime": "2023-04-13T21:25:05.000000Z",
        "product:type": "S2MSI1C",
        "grid:code": "MGRS-54PXA",
    }
    assert kept["Online"] is True
    assert kept["Attributes"]["datastripId"].startswith("S2A_OPER_MSI_L1C_DS_S2RP")
    assert kept["Checksum"][0]["Algorithm"] == "MD5"
    root = f"{service.home}/Products(05edf2bb-d103-49f1-a677-9e474138d84f)"
    assert document["assets"]["product"] == {
        "href": f"{root}/$value",
        "type": "application/octet-stream",
        "file:size": 224105657,
        "file:checksum": "1e202f787caed527ffeb3245594a465abd127da5ee7eaeb974f9a9ab4342f2fba7cf",
        "alternate": {"s3": {"href": "s3:/" + kept["S3Path"]}},
        "roles": ["data"],
    }
    assert document["assets"]["quicklook"]["roles"] == ["overview"]
    assert document["bbox"] == pytest.approx([142.352793, 13.472540, 142.943808, 14.224051])


def test_attributes_can_be_mapped(service: Service) -> None:
    scope = Scope(mapping={"s2:datastrip_id": "datastripId", "start_datetime": "OriginDate"})
    found = list(odata.search(scope, url=service.home))
    properties = next(f.document for f in found if f.upstream_id[:8] == "05edf2bb")["properties"]  # type: ignore[index]
    assert properties["s2:datastrip_id"].startswith("S2A_OPER_MSI_L1C_DS_S2RP")
    assert properties["start_datetime"] == "2023-08-22T13:50:20.043000Z"


def test_a_footprint_in_well_known_text_is_enough(service: Service) -> None:
    for product in service.products:
        del product["GeoFootprint"]
    found = list(odata.search(Scope(), url=service.home))
    boxes = [f.document["bbox"] for f in found if f.document]
    assert len(boxes) == 20
    assert all(-180 <= west < east <= 180 for west, _, east, _ in boxes)


def test_bounds_are_asked_of_the_service(service: Service) -> None:
    scope = Scope(
        bbox=(170, -10, -170, 10),
        time=(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)),
        since=datetime(2024, 1, 1, tzinfo=UTC),
        until=datetime(2025, 1, 1, tzinfo=UTC),
    )
    search = odata.search(
        scope,
        url=service.home,
        collection="SENTINEL-2",
        attributes={"productType": "S2MSI2A", "orbitNumber": 7, "operationalMode": "d'or"},
        where="Online eq true or Online eq false",
    )
    assert len(list(search)) == 20
    assert scope.pushed == {"since", "until", "bbox", "time"}
    first = service.asked[0]
    intersects = "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON(({}))')"
    boxes = [
        intersects.format("170 -10,180.0 -10,180.0 10,170 10,170 -10"),
        intersects.format("-180.0 -10,-170 -10,-170 10,-180.0 10,-180.0 -10"),
    ]
    string = "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq '{}' and "
    assert first["$filter"][0].split(" and ContentDate")[0] == (
        "Collection/Name eq 'SENTINEL-2' and "
        + string.format("productType")
        + "att/OData.CSC.StringAttribute/Value eq 'S2MSI2A') and "
        "Attributes/OData.CSC.IntegerAttribute/any(att:att/Name eq 'orbitNumber' and "
        "att/OData.CSC.IntegerAttribute/Value eq 7) and "
        + string.format("operationalMode")
        + f"att/OData.CSC.StringAttribute/Value eq 'd''or') and ({' or '.join(boxes)})"
    )
    assert first["$filter"][0].endswith(
        "/Start le 2020-02-01T00:00:00.000000Z"
        " and ContentDate/End ge 2020-01-01T00:00:00.000000Z"
        " and (Online eq true or Online eq false)"
        " and ModificationDate ge 2024-01-01T00:00:00.000000Z"
        " and ModificationDate lt 2025-01-01T00:00:00.000000Z"
    )
    assert first["$orderby"] == ["ModificationDate asc"]
    assert first["$expand"] == ["Attributes", "Assets"]


@pytest.mark.parametrize("names_next", [True, False])
def test_more_products_than_skip_allows_are_listed(
    service: Service, recorded: list[Json], names_next: bool
) -> None:
    service.products, service.skip = many(recorded, 2_500), 100
    service.names_next = names_next
    found = list(odata.search(Scope(), url=service.home, page=200))
    assert ids(found) == [f"id-{n:05}" for n in range(2_500)]
    assert not any("$skip" in asked for asked in service.asked)


def test_more_products_of_one_moment_than_a_page_holds_are_listed(
    service: Service, recorded: list[Json]
) -> None:
    service.products = many(recorded, 500)
    for product in service.products[100:400]:
        product["PublicationDate"] = stamp(100)
    found = list(odata.search(Scope(), url=service.home, page=40))
    assert sorted(ids(found)) == [f"id-{n:05}" for n in range(500)]


def test_more_products_of_one_moment_than_skip_allows_are_an_error(
    service: Service, recorded: list[Json]
) -> None:
    service.products, service.skip = many(recorded, 300), 100
    for product in service.products:
        product["PublicationDate"] = stamp(0)
    with pytest.raises(Unreadable, match="skip must be less"):
        list(odata.search(Scope(), url=service.home, page=40))
    service.names_next = False
    with pytest.raises(Unreadable, match="40 products of 2024-01-01T00:00:00Z, and no way"):
        list(odata.search(Scope(), url=service.home, page=40))


def test_what_is_deleted_and_added_meanwhile_hides_nothing(
    service: Service, recorded: list[Json]
) -> None:
    service.products = many(recorded, 120)
    late = many(recorded, 130)[120:]

    def change(page: int) -> None:
        if page == 2:
            del service.products[:30]
        if page == 3:
            service.products += late

    service.after = change
    found = list(odata.search(Scope(), url=service.home, page=25))
    assert ids(found) == [f"id-{n:05}" for n in range(130)]


def test_what_changed_and_what_was_deleted_since(service: Service, recorded: list[Json]) -> None:
    service.products = many(recorded, 100)
    service.deleted = [
        {"Id": f"gone-{n}", "Name": f"{n}.SAFE", "DeletionDate": stamp(n), "DeletionCause": "x"}
        for n in range(100)
    ]
    scope = Scope(since=when(stamp(90)), until=when(stamp(96)))
    found = list(odata.search(scope, url=service.home, page=4))
    assert ids(found) == [
        *(f"id-{n:05}" for n in range(90, 96)),
        *(f"gone-{n}" for n in range(90, 96)),
    ]
    assert [f.deleted for f in found] == [False] * 6 + [True] * 6
    assert [f.changed for f in found] == [when(stamp(n)) for n in range(90, 96)] * 2
    kept = odata.search(Scope(since=when(stamp(90))), url=service.home, deletions=False)
    assert not any(f.deleted for f in kept)
    everything = list(odata.search(Scope(), url=service.home))
    assert len(everything) == 100


def test_a_product_in_the_archive_is_not_deleted(service: Service) -> None:
    service.products[0]["Online"] = False
    found = {f.upstream_id: f for f in odata.search(Scope(), url=service.home)}
    archived = found[service.products[0]["Id"]]
    assert archived.document is not None
    assert not archived.deleted
    assert archived.document["properties"]["swath:upstream"]["Online"] is False


def test_products_that_are_broken_stop_no_other(service: Service) -> None:
    service.products[0] |= {"GeoFootprint": None, "Footprint": None}
    service.products[1] |= {"GeoFootprint": None, "Footprint": "geography'SRID=4326;POLY'"}
    service.products[2]["Name"] = None
    found = {f.upstream_id: f.error for f in odata.search(Scope(), url=service.home)}
    errors = [found[product["Id"]] or "" for product in service.products]
    assert errors[0] == "the record has no geometry"
    assert "no WKT" in errors[1]
    assert errors[2].startswith("it is no record")
    assert errors[3:] == [""] * 17


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>Welcome</html>", "no JSON"),
        (b'{"value": {}}', "no list of entities"),
        (b'{"value": [{"Id": "a"}]}', "no list of entities"),
    ],
)
def test_an_address_that_is_no_service_is_one_sentence(
    serve: Serve, content: bytes, reason: str
) -> None:
    url = serve(lambda *_: (200, {}, content))
    with pytest.raises(Unreadable, match=reason) as caught:
        list(odata.search(Scope(), url=url))
    assert url in str(caught.value)


def test_a_service_that_ignores_the_order_is_an_error(
    service: Service, recorded: list[Json]
) -> None:
    service.products = many(recorded, 100)
    service.hits = lambda entities, _asked: entities[::-1]  # type: ignore[method-assign]
    with pytest.raises(Unreadable, match="does not list in the order of PublicationDate"):
        list(odata.search(Scope(), url=service.home, page=200))


def test_a_service_that_breaks_off_is_an_error_not_an_end(
    service: Service, recorded: list[Json], serve: Serve, impatient: Scope
) -> None:
    service.products = many(recorded, 100)

    def broken(method: str, path: str, body: bytes) -> Answer:
        if len(service.asked) == 3:
            return 500, {}, b"out of order"
        return service.answer(method, path, body)

    seen: list[Found] = []
    with pytest.raises(Unreachable, match="out of order"):
        seen.extend(odata.search(impatient, url=serve(broken), page=20))
    assert 40 <= len(seen) < 100
