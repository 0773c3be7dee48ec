"""Records in all schemas: that they keep to them, and what other programs read."""

import json
from collections.abc import Iterator
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from owslib import iso, iso3
from pygeometa.schemas.iso19139 import ISO19139OutputSchema
from pygeometa.schemas.schema_org import SchemaOrgOutputSchema

from catalogues import collections, items
from golden import assert_golden_text
from infrastructure.errors import Invalid, NotFound
from infrastructure.metadata.schemas import SCHEMAS, write

Document = dict[str, Any]

STUBS = {
    "http://standards.iso.org/iso/19110/fcc/1.0": "Abstract_FeatureCatalogue",
    "http://standards.iso.org/iso/19157/-2/dqc/1.0": "Abstract_QualityElement",
}
"""Namespaces that pycsw does not carry -> an abstract class in them."""

STUB = """<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}">
<complexType name="{name}_PropertyType"/>
<complexType name="Abstract_DataQuality_PropertyType">
<sequence><any processContents="skip" minOccurs="0"/></sequence></complexType></schema>"""

FIRST = ("gco", "gcx", "mcc", "lan", "cit", "gex", "mri")
"""Schemas that the others need before them."""


@pytest.fixture(scope="session")
def schema_of_2014(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """The XML schemas of ISO/TS 19115-3, as they ride in pycsw; quality is not checked by them."""
    spec = find_spec("pycsw")
    pycsw = Path(spec.origin).parent if spec and spec.origin else Path()
    folder = pycsw / "plugins/profiles/iso19115p3/schemas/ogc/iso/iso19115-3"
    if not (folder / "mdb/2.0/mdb.xsd").is_file():
        pytest.skip("no XML schemas of ISO 19115-3: pycsw is not installed")
    own = tmp_path_factory.mktemp("iso3")
    found = {}
    for number, (space, name) in enumerate(STUBS.items()):
        stub = own / f"stub-{number}.xsd"
        stub.write_text(STUB.format(space=space, name=name))
        found[space] = stub
    names = [*FIRST, *sorted({path.name for path in folder.iterdir()} - {*FIRST})]
    for path in (path for name in names for path in sorted(folder.glob(f"{name}/*/{name}.xsd"))):
        version = path.parent.name
        found[f"http://standards.iso.org/iso/19115/-3/{path.stem}/{version}"] = path
    found["http://www.opengis.net/gml/3.2"] = pycsw / "core/schemas/ogc/gml/3.2.1/gml.xsd"
    imports = "".join(
        f'<import namespace="{space}" schemaLocation="{path.as_uri()}"/>'
        for space, path in found.items()
    )
    entry = own / "entry.xsd"
    entry.write_text(f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>')
    return etree.XMLSchema(etree.parse(entry))


def real(shared_data: Path) -> Iterator[tuple[Document, Document]]:
    """Items of public catalogues with their collections, and those collections."""
    yield from items(shared_data, 20)
    yield from ((series, series) for series in collections(shared_data).values())


def test_records_of_2014_are_valid_and_read_by_owslib(
    shared_data: Path, schema_of_2014: etree.XMLSchema
) -> None:
    for document, collection in real(shared_data):
        root = etree.fromstring(write("iso19115-3", document, collection))
        schema_of_2014.assertValid(root)
        read = iso3.MD_Metadata(root)
        is_item = "properties" in document
        name = f"{collection['id']}:{document['id']}" if is_item else collection["id"]
        assert read.identifier == name
        assert read.hierarchy == ("dataset" if is_item else "series")
        (about,) = read.identification
        assert about.abstract
        assert len(about.extent.boundingBox.__dict__) >= 4


def test_records_of_part_2_tell_platform_and_instruments(shared_data: Path) -> None:
    for document, collection in real(shared_data):
        root = etree.fromstring(write("iso19115-2", document, collection))
        assert etree.QName(root).localname == "MI_Metadata"
        read = iso.MD_Metadata(root)
        told = document.get("properties", {})
        if told.get("platform") and told.get("instruments"):
            (platform,) = read.acquisition.platforms
            assert len(platform.instruments) == len(told["instruments"])
            codes = root.findall(".//{*}acquisitionInformation//{*}code/{*}CharacterString")
            assert [code.text for code in codes] == [told["platform"], *told["instruments"]]


def test_pygeometa_reads_records(shared_data: Path) -> None:
    for document, collection in real(shared_data):
        told = ISO19139OutputSchema().import_(write("iso19139", document, collection).decode())
        assert told["metadata"]["identifier"].startswith(collection["id"])
        again = SchemaOrgOutputSchema()
        found = json.loads(write("schema-org", document, collection))
        assert found["@type"] == "Dataset"
        mcf = again.import_(json.dumps(_as_pygeometa_reads(found)))
        assert mcf["identification"]["title"] == found["name"]
        box = mcf["identification"]["extents"]["spatial"][0]["bbox"]
        if "properties" in document:
            assert [float(side) for side in box] == pytest.approx(document["bbox"])


def _as_pygeometa_reads(found: Document) -> Document:
    """It wants a list of periods, an encoding of each distribution, and no creation date alone."""
    kept = [one for one in found.get("distribution", []) if "encodingFormat" in one]
    period = [found["temporalCoverage"]] if "temporalCoverage" in found else ["../.."]
    other = {"creator", "publisher", "dateCreated"}
    plain = {key: value for key, value in found.items() if key not in other}
    return {"keywords": [], **plain, "distribution": kept, "temporalCoverage": period}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_real_item_and_its_collection_are_written_whole(shared_data: Path, schema: str) -> None:
    documents = list(real(shared_data))
    item, collection = next(pair for pair in documents if "gsd" in pair[0].get("properties", {}))
    for kind, document in (("item", item), ("collection", collection)):
        record = write(schema, document, collection)
        suffix = "xml" if schema.startswith("iso") else "json"
        assert_golden_text(f"metadata/{schema}-{kind}.{suffix}", record.decode())


@pytest.mark.parametrize("schema", SCHEMAS)
def test_documents_are_left_as_they_are(shared_data: Path, schema: str) -> None:
    item, collection = next(real(shared_data))
    before = deepcopy((item, collection))
    assert write(schema, item, collection) == write(schema, item, collection)
    assert (item, collection) == before


def test_an_unknown_schema_is_not_found() -> None:
    with pytest.raises(NotFound, match="no records in 'nope'; there are iso19139, iso19115-2"):
        write("nope", {}, {})


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_collection_without_a_place_is_refused(schema: str) -> None:
    collection = {"id": "c", "description": "Nowhere."}
    with pytest.raises(Invalid, match="c: no bounding box"):
        write(schema, collection, collection)
