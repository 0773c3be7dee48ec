"""Following links from the landing page: every collection and item is reached, once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pystac
import pystac_client
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pystac.validation import validate_dict

import scattered
from api import browse
from api.browse import Span
from api.routers import browse as routes
from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import NotFound
from infrastructure.register import register

first, last = datetime.fromisoformat("0001-01-01"), datetime.fromisoformat("9998-12-31")
moments = st.datetimes(first, last, timezones=st.just(UTC))


@given(moments, st.integers(1, 4))
def test_a_moment_lies_in_its_span(moment: datetime, level: int) -> None:
    span = Span()
    for _ in range(level):
        span = span.part(moment)
    start, end = span.bounds()
    assert start is not None
    assert end is not None
    assert start <= moment < end
    assert Span.read(str(span)) == span
    assert (end - timedelta(microseconds=1)).utctimetuple()[:level] == span.numbers
    assert end.utctimetuple()[:level] != span.numbers


@pytest.mark.parametrize(
    "text", ["24", "2024/5", "2024/13", "2024/02/30", "2024/01/01/24", "x", "2024/", "0000",
             "2024/01/01/01/01", "+024", "\uff12\uff10\uff12\uff14"],
)  # fmt: skip
def test_no_such_span(text: str) -> None:
    with pytest.raises(NotFound):
        Span.read(text)


ITEMS = [scattered.item(number) for number in range(60)]
CROWDED = [
    {**item, "id": f"crowd{n}", "properties": {**item["properties"], "datetime": time}}
    for n in range(12)
    for item in [scattered.item(8)]
    for time in [f"2020-02-29T{22 + n % 2}:{n:02d}:00Z"]
]


@pytest.fixture
def filled(catalogue: Catalogue) -> None:
    for name in scattered.COLLECTIONS:
        catalogue.put_collection(collection(name))
        mine = [i for i in [*ITEMS, *CROWDED] if i["collection"] == name]
        done = register(catalogue, name, [Entry(i, i["id"], "1") for i in mine])
        assert len(done.registered) == len(mine)


@pytest.mark.platform
@pytest.mark.parametrize(("most", "block"), [(1000, 100), (5, 100), (5, 2), (1, 1)])
@pytest.mark.usefixtures("filled")
def test_a_crawler_reaches_everything_once(
    server: str, monkeypatch: pytest.MonkeyPatch, most: int, block: int
) -> None:
    monkeypatch.setattr(routes, "MOST", most)
    monkeypatch.setattr(routes, "BLOCK", block)
    root = pystac.Catalog.from_file(server)
    collections, items, pages = Counter[str](), Counter[str](), 0
    for place, _, found in root.walk():
        pages += 1
        if isinstance(place, pystac.Collection):
            collections[place.id] += 1
        items.update(item.id for item in found)
    assert collections == Counter(scattered.COLLECTIONS)
    assert items == Counter(item["id"] for item in [*ITEMS, *CROWDED])
    assert (pages == 1 + 3 + 3) == (most == 1000)


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
async def test_catalogs_are_valid_and_small(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MOST", 5)
    page = (await client.get("/collections/north")).json()
    (door,) = [link["href"] for link in page["links"] if link["rel"] == "child"]
    catalog = (await client.get(door)).json()
    assert validate_dict(catalog)
    years = [link["href"] for link in catalog["links"] if link["rel"] == "child"]
    expected = {scattered.start(i)[:4] for i in [*ITEMS, *CROWDED] if i["collection"] == "north"}
    assert [href[-4:] for href in years] == sorted(expected)
    links = (await client.get(years[0])).json()["links"]
    told = {link["rel"]: link["href"] for link in links}
    assert (told["parent"], told["self"]) == (door, years[0])
    for path in ("/collections/none/browse", "/collections/north/browse/2024/99"):
        assert (await client.get(path)).status_code == 404
    for empty in ("1900", "2020/01/01/00"):
        nothing = (await client.get(f"/collections/north/browse/{empty}")).json()
        assert {link["rel"] for link in nothing["links"]} == {"root", "self", "parent"}


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("block", [100, 2])
async def test_children_are_what_the_links_lead_to(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(routes, "BLOCK", block)
    page = (await client.get("/")).json()
    told = {link["rel"]: link["href"] for link in page["links"]}
    linked = [link["href"] for link in page["links"] if link["rel"] == "child"]
    found, address = [], f"{told['children']}?limit=1"
    while address:
        answer = (await client.get(address)).json()
        found += answer["children"]
        address = next((x["href"] for x in answer["links"] if x["rel"] == "next"), "")
    own = [next(x["href"] for x in f["links"] if x["rel"] == "self") for f in found]
    assert own == linked
    assert len(linked) == (3 if block == 100 else 2)
    classes = " ".join(page["conformsTo"])
    assert "/browseable" in classes
    assert "/children" in classes
    assert browse.BLOCK == 100


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
def test_a_client_that_searches_takes_no_detour(server: str) -> None:
    client = pystac_client.Client.open(server)
    assert {found.id for found in client.get_collections()} == set(scattered.COLLECTIONS)
    north = client.get_collection("north")
    assert len(list(north.get_items())) == sum(
        i["collection"] == "north" for i in [*ITEMS, *CROWDED]
    )
