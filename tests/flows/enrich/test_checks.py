"""Products held against their manifests: real ones, and small ones made for the purpose."""

import hashlib
import shutil
import tarfile
import zipfile
from pathlib import Path

import pystac
import pytest

from enriching import item_of, shelf_in
from flows.enrich import checks
from flows.found import Found
from flows.packages.archive import unpacked
from infrastructure.errors import Invalid, Misconfigured, Unreadable
from infrastructure.storage import Shelf, open_store

B02 = (
    "GRANULE/L1C_T18LTM_A034442_20220125T152341/IMG_DATA/T18LTM_20220125T151701_B02.jp2"
    " has 1 bytes instead of 52761987"
)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path)


def told_by(manifest: Path | str) -> pystac.Item:
    """An item with a manifest among its assets."""
    href = manifest.as_uri() if isinstance(manifest, Path) else manifest
    return item_of({"safe_manifest": (href, "metadata")})


def lima(shared_data: Path) -> Path:
    (folder,) = (shared_data / "imagery/sentinel2-l1c-safe-lima").glob("*.SAFE")
    return folder


def packed(path: Path) -> pystac.Item:
    found = unpacked(Found(path.name, "1", {path.name: path.as_uri()}))
    return told_by(found.files["manifest.safe"])


def without_pixels(folder: Path, target: Path) -> Path:
    """A copy of a SAFE without the bands: what is left of it is as it was delivered."""
    return Path(shutil.copytree(folder, target, ignore=shutil.ignore_patterns("T18LTM_*_B*.jp2")))


def test_a_band_that_breaks_off_is_named(shared_data: Path, shelf: Shelf) -> None:
    with pytest.raises(Unreadable) as told:
        checks.enrich(told_by(lima(shared_data) / "manifest.safe"), shelf)
    assert str(told.value) == f"manifest.safe and the files are not the same: {B02}"


def test_all_decimated_bands_of_a_zip_are_counted(shared_data: Path, shelf: Shelf) -> None:
    (path,) = (shared_data / "imagery/sentinel2-l1c-safe-zip").glob("*.zip")
    said = r"_B01.jp2 has 4716 bytes instead of 2442403, and 14 more files differ$"
    with pytest.raises(Unreadable, match=said):
        checks.enrich(packed(path), shelf)


def test_sha3_256_of_what_was_delivered_is_right(
    shared_data: Path, tmp_path: Path, shelf: Shelf
) -> None:
    folder = without_pixels(lima(shared_data), tmp_path / "lima.SAFE")
    item = checks.enrich(told_by(folder / "manifest.safe"), shelf)
    missing = item.properties["swath:missing"]
    assert len(missing) == 54
    assert missing == sorted(missing)
    assert "DATASTRIP/DS_VGS2_20220125T190036_S20220125T152341/MTD_DS.xml" in missing
    assert not any(path.endswith(("MTD_MSIL1C.xml", "INSPIRE.xml")) for path in missing)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_flipped_bit_in_an_archive_is_found(
    kind: str, shared_data: Path, tmp_path: Path, shelf: Shelf
) -> None:
    folder = without_pixels(lima(shared_data), tmp_path / "lima.SAFE")
    archive = tmp_path / f"lima.{kind}"
    pack(folder, archive)
    assert "swath:missing" in checks.enrich(packed(archive), shelf).properties
    inspire = folder / "INSPIRE.xml"
    content = bytearray(inspire.read_bytes())
    content[100] ^= 1
    inspire.write_bytes(content)
    pack(folder, archive)
    with pytest.raises(Unreadable, match=r"INSPIRE.xml has the sha3_256 checksum \w{64} instead"):
        checks.enrich(packed(archive), shelf)


def pack(folder: Path, archive: Path) -> None:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            for path in sorted(folder.rglob("*")):
                target.write(path, f"./{folder.name}/{path.relative_to(folder)}"[2:])
    else:
        with tarfile.open(archive, "w:gz") as bundle:
            bundle.add(folder, folder.name)


def test_a_damaged_archive_is_a_clear_line(shared_data: Path, tmp_path: Path, shelf: Shelf) -> None:
    folder = without_pixels(lima(shared_data), tmp_path / "lima.SAFE")
    archive = tmp_path / "lima.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in folder.rglob("*.*"):
            if path.is_file():
                target.write(path, f"lima.SAFE/{path.relative_to(folder)}")
    content = archive.read_bytes()
    inspire = (folder / "INSPIRE.xml").read_bytes()
    archive.write_bytes(content.replace(inspire, inspire[::-1]))
    with pytest.raises(Unreadable, match=r"lima.zip: the archive is damaged: Bad CRC-32"):
        checks.enrich(packed(archive), shelf)


def test_md5_of_older_products_is_right(shared_data: Path, shelf: Shelf) -> None:
    name = "S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE"
    path = shared_data / "iso/safe-manifests/sentinel2" / name / "manifest.safe"
    assert len(checks.enrich(told_by(path), shelf).properties["swath:missing"]) == 95


def test_sentinel_3_has_the_same_form(shared_data: Path, tmp_path: Path, shelf: Shelf) -> None:
    (path,) = (shared_data / "iso/safe-manifests/sentinel3").rglob("xfdumanifest.xml")
    shutil.copy(path, tmp_path)
    (tmp_path / "LST_in.nc").write_bytes(bytes(790066))
    said = "LST_in.nc has the md5 checksum .* instead of c8052a87ba971ffd2fac11848fae8046"
    with pytest.raises(Unreadable, match=said):
        checks.enrich(told_by(tmp_path / "xfdumanifest.xml"), shelf)


def test_files_in_a_bucket_are_checked_where_they_lie(
    shared_data: Path, bucket: str, shelf: Shelf
) -> None:
    folder = lima(shared_data)
    store = open_store(bucket)
    for name in ("manifest.safe", "MTD_MSIL1C.xml"):
        store.put(f"lima.SAFE/{name}", folder / name)
    item = checks.enrich(told_by(f"{bucket}/lima.SAFE/manifest.safe"), shelf)
    assert len(item.properties["swath:missing"]) == 58
    store.put("lima.SAFE/INSPIRE.xml", b"<x/>")
    with pytest.raises(Unreadable, match=r"INSPIRE.xml has 4 bytes instead of 18930"):
        checks.enrich(item, shelf)


def test_what_landsat_names_and_is_not_there_is_told(shared_data: Path, shelf: Shelf) -> None:
    folder = shared_data / "imagery/landsat8-c2l2-greenland-005009"
    for path in folder.glob("*_MTL.*"):
        item = checks.enrich(told_by(path), shelf)
        product = path.name.removesuffix(path.suffix).removesuffix("_MTL")
        assert item.properties["swath:missing"] == [
            f"{product}_{part}.TIF"
            for part in (
                "QA_RADSAT", "SR_B1", "SR_B6", "SR_B7", "SR_QA_AEROSOL", "ST_ATRAN", "ST_CDIST",
                "ST_DRAD", "ST_EMIS", "ST_EMSD", "ST_QA", "ST_TRAD", "ST_URAD",
            )
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("MD5SUMS", "{md5}  a b.tif"),
        ("X_MD5.txt", "{md5} *./a b.tif\r\n"),
        ("SHA256SUMS", "# of today\n\n{sha256}  a b.tif\n"),
        ("sha512sum.txt", "SHA512 (a b.tif) = {sha512}"),
        ("a b.tif.md5", "{md5}\n"),
        ("a b.tif.sha256", "{sha256}"),
    ],
)
def test_lists_of_checksums_are_read_as_their_programs_write_them(
    name: str, line: str, tmp_path: Path, shelf: Shelf
) -> None:
    content = b"pixels"
    sums = {kind: hashlib.new(kind, content).hexdigest() for kind in ("md5", "sha256", "sha512")}
    (tmp_path / "a b.tif").write_bytes(content)
    (tmp_path / name).write_text(line.format(**sums))
    item = told_by(tmp_path / name)
    assert (
        "swath:missing" not in checks.enrich(item, shelf, complete=True, required=True).properties
    )
    (tmp_path / "a b.tif").write_bytes(content + b"!")
    with pytest.raises(Unreadable, match=r"a b.tif has the \w+ checksum"):
        checks.enrich(item, shelf)


def test_a_product_must_be_complete_if_that_is_asked_for(
    shared_data: Path, tmp_path: Path, shelf: Shelf
) -> None:
    folder = without_pixels(lima(shared_data), tmp_path / "lima.SAFE")
    with pytest.raises(Unreadable, match=r"not complete: DATASTRIP/.* is missing, and 53 more"):
        checks.enrich(told_by(folder / "manifest.safe"), shelf, complete=True)


def test_a_product_must_have_a_manifest_if_that_is_asked_for(
    shared_data: Path, shelf: Shelf
) -> None:
    (tile,) = (shared_data / "malformed/safe").iterdir()
    item = told_by(tile / "metadata.xml")
    assert checks.enrich(item, shelf).properties == {}
    with pytest.raises(Unreadable, match="i: no manifest tells the sizes or checksums"):
        checks.enrich(item, shelf, required=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<byteStream size='1'><fileLocation href='../b'/></byteStream>", "names '../b'"),
        ("<byteStream><fileLocation href='file:///b'/></byteStream>", "no file of the"),
        ("<byteStream size='-1'><fileLocation href='b'/></byteStream>", "'-1' of b is no"),
        (
            "<byteStream><fileLocation href='b'/><checksum checksumName='CRC'/></byteStream>",
            "'CRC' of b is no kind of checksum",
        ),
        (
            "<byteStream><fileLocation href='b'/><checksum checksumName='MD5'/></byteStream>",
            "'' of b is no md5 checksum",
        ),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    text: str, said: str, tmp_path: Path, shelf: Shelf
) -> None:
    path = tmp_path / "manifest.safe"
    path.write_text(text)
    with pytest.raises(Invalid, match=f"^manifest.safe: .*{said}"):
        checks.enrich(told_by(path), shelf)


def test_a_list_of_something_else_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "MD5SUMS"
    path.write_text("0123456789abcdef0123456789abcdef  a\nwhat?\n")
    with pytest.raises(Invalid, match="MD5SUMS: line 2 is no checksum with the name of a file"):
        checks.enrich(told_by(path), shelf)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("md5", "d50110"), ("sha1", "1114"), ("sha256", "1220"), ("sha3_256", "1620")],
)
def test_what_an_item_tells_of_its_files_is_a_manifest_if_that_is_asked_for(
    kind: str, code: str, tmp_path: Path, shelf: Shelf
) -> None:
    (tmp_path / "a.tif").write_bytes(b"pixels")
    item = item_of(
        {key: ((tmp_path / f"{key}.tif").as_uri(), "data") for key in ("a", "gone", "untold")}
    )
    item.assets["a"].extra_fields["file:checksum"] = code + hashlib.new(kind, b"pixels").hexdigest()
    item.assets["gone"].extra_fields["file:size"] = 6
    checks.enrich(item, shelf, stac=True, required=True)
    assert item.properties["swath:missing"] == ["gone"]
    (tmp_path / "a.tif").write_bytes(b"pickels")
    checks.enrich(item, shelf)
    with pytest.raises(Unreadable, match=f"^i and the files .* a has the {kind} checksum"):
        checks.enrich(item, shelf, stac=True)


def test_a_checksum_that_is_no_multihash_is_refused(shelf: Shelf) -> None:
    item = item_of({"a": ("file:///a", "data")})
    item.assets["a"].extra_fields["file:checksum"] = "00ff"
    with pytest.raises(Invalid, match="i: '00ff' of a is no multihash of a kind that is known"):
        checks.enrich(item, shelf, stac=True)


def test_what_the_reader_misses_is_kept(shared_data: Path, shelf: Shelf) -> None:
    path = next((shared_data / "imagery/landsat8-c2l2-greenland-005009").glob("*_MTL.txt"))
    item = told_by(path)
    scene = path.name.removesuffix("_MTL.txt")
    item.properties["swath:missing"] = ["other", f"{scene}_SR_B1.TIF", f"DATA/{scene}_SR_B6"]
    missing = checks.enrich(item, shelf).properties["swath:missing"]
    assert len(missing) == 14
    assert {"other", f"{scene}_SR_B1.TIF", f"{scene}_SR_B6.TIF"} <= set(missing)


def test_a_manifest_that_was_moved_away_from_its_files_tells_nothing(shelf: Shelf) -> None:
    manifest = shelf.put("MD5SUMS", b"0123456789abcdef0123456789abcdef  a\n")
    with pytest.raises(Misconfigured, match="`checks` comes before `keep`"):
        checks.enrich(told_by(manifest), shelf)
