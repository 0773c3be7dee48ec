"""Free text of searches, held against words in Python."""

import asyncio
import re
import unicodedata

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scattered
from api import freetext
from documents import collection
from infrastructure.catalogue import Catalogue
from infrastructure.entry import Entry
from infrastructure.errors import Invalid
from infrastructure.register import register
from infrastructure.settings import DatabaseSettings
from scattered import WORDS, Document

ITEMS = [scattered.item(number, "words") for number in range(90)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("delta", ["delta"]),
        ("delta,kilo", ["delta", "kilo"]),
        (' delta , "kilo, north" ,', ["delta", "kilo, north"]),
        (["delta", '"kilo', ' north"'], ["delta", "kilo, north"]),
        ("north sea", ["north sea"]),
        (',,"",', []),
        ('half "open', ['half "open']),
        (None, []),
    ],
)
def test_terms_are_parted_by_commas_outside_of_quotes(
    asked: str | list[str] | None, found: list[str]
) -> None:
    assert freetext.terms(asked) == found


def test_too_many_terms_are_refused() -> None:
    with pytest.raises(Invalid, match="101 terms"):
        freetext.terms("a," * 101)


@pytest.fixture
def filled(catalogue: Catalogue) -> None:
    catalogue.put_collection(collection("words"))
    done = register(catalogue, "words", [Entry(i, i["id"], "1") for i in ITEMS])
    assert len(done.registered) == len(ITEMS)


def folded(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", text.casefold()).encode("ascii", "ignore").decode()
    return re.findall("[a-z0-9]+", plain)


def texts(item: Document) -> list[list[str]]:
    """The words of each text of an item."""
    told = item["properties"]
    found = [item["id"], *(told[k] for k in ("title", "description", "platform") if k in told)]
    return [
        folded(text) for text in [*found, *told.get("keywords", ()), *told.get("instruments", ())]
    ]


def has(item: Document, term: str) -> bool:
    """Whether the words of the term stand side by side in one of the texts."""
    wanted = folded(term)
    size = len(wanted)
    return any(words[at : at + size] == wanted for words in texts(item) for at in range(len(words)))


def questions() -> st.SearchStrategy[list[str]]:
    word = st.sampled_from([*WORDS, "ZURICH", "KILO", "alpha", "msi", "n012", "north", "absent"])
    term = st.lists(word, min_size=1, max_size=2).map(" ".join)
    return st.lists(term, min_size=1, max_size=3)


async def found(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get("/search", params={"limit": "100", **query})
    assert answer.status_code == 200, answer.text
    return sorted(feature["id"] for feature in answer.json()["features"])


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
async def test_items_are_found_by_the_words_that_they_have(client: httpx.AsyncClient) -> None:
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(questions(), st.booleans())
    def checked(asked: list[str], quoted: bool) -> None:
        q = ",".join(f'"{term}"' if quoted else term for term in asked)
        expected = sorted(i["id"] for i in ITEMS if any(has(i, term) for term in asked))
        answer = asyncio.run_coroutine_threadsafe(found(client, q=q), loop).result(60)
        assert answer == expected

    await asyncio.to_thread(checked)


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
async def test_every_way_to_items_takes_free_text(client: httpx.AsyncClient) -> None:
    expected = sorted(i["id"] for i in ITEMS if has(i, "kilo") or has(i, "msi"))
    assert expected
    post = await client.post("/search", json={"q": ["kilo", "msi"], "limit": 100})
    items = await client.get("/collections/words/items", params={"q": "kilo,msi", "limit": 100})
    for answer in (post, items):
        assert sorted(f["id"] for f in answer.json()["features"]) == expected
        assert answer.json()["numberMatched"] == len(expected)
    counted = await client.get(
        "/aggregate", params={"q": "kilo,msi", "aggregations": "total_count"}
    )
    assert counted.json()["aggregations"][0]["value"] == len(expected)
    narrow = {"q": "kilo", "bbox": "-180,-90,0,90", "filter": "platform = 'alpha'"}
    assert await found(client, **narrow) == sorted(
        item["id"]
        for item in ITEMS
        if has(item, "kilo")
        and item["bbox"][0] <= 0
        and item["properties"].get("platform") == "alpha"
    )


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
async def test_pages_and_parts_keep_the_free_text(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/search", params={"q": "kilo", "limit": 4, "fields": "id"})).json()
    ids = []
    while True:
        assert all({*feature} == {"id"} for feature in answer["features"])
        ids += [feature["id"] for feature in answer["features"]]
        following = [link for link in answer["links"] if link["rel"] == "next"]
        if not following:
            break
        answer = (await client.get(following[0]["href"])).json()
    assert sorted(ids) == sorted(i["id"] for i in ITEMS if has(i, "kilo"))


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("q", ["the", "'", "a & b | !", "@QUOTE@", "\\", "%", "<->", "😀"])
async def test_any_text_is_a_question(client: httpx.AsyncClient, q: str) -> None:
    assert await found(client, q=q) == []


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
def test_pgstacs_maintenance_keeps_the_index(database: DatabaseSettings) -> None:
    with psycopg.connect(database.conninfo(), options="-c search_path=pgstac,public") as connection:
        connection.execute("SELECT maintain_partitions('items', true, false)")
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT id FROM items"
            " WHERE swath.words_of(id, content) @@ swath.words_like('{kilo}')"
        ).fetchall()
    assert any("Bitmap Index Scan" in line for (line,) in plan), plan


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
def test_maintenance_by_the_owner_of_the_items_runs(database: DatabaseSettings) -> None:
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) pgstac.items")
        (analysed,) = connection.execute(
            "SELECT count(*) FROM pg_stats WHERE schemaname = 'pgstac' AND tablename ~ '^_items_'"
        ).fetchone() or (0,)
    assert analysed > 0


@pytest.mark.platform
@pytest.mark.usefixtures("filled")
async def test_free_text_is_declared(client: httpx.AsyncClient) -> None:
    classes = set((await client.get("/conformance")).json()["conformsTo"])
    base = "https://api.stacspec.org/v1.0.0-rc.1"
    assert {f"{base}/item-search#free-text", f"{base}/ogcapi-features#free-text"} <= classes
