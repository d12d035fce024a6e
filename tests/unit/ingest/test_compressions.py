"""A packed file lands as what is packed in it; one that is damaged, locked or a trap is refused with its reason."""

import bz2
import gzip
import io
import random
import struct
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import pyarrow as pa
import pytest

from orchestration.ingest import compressions
from orchestration.ingest.compressions import ArchiveDamaged, compression_of, require_few_parts
from tests.support.inboxes import Inbox

CSV = b"a,b,c\n1,2,3\n4\n5,6,7\n"
NDJSON = b'{"a":1}\n[]\n{"a":"x"}\n'


def zipped(*files: tuple[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def one_zipped(content: bytes) -> bytes:
    return zipped(("inside/receipts.csv", content))


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def with_password(archive: bytes) -> bytes:
    """The archive with the flag of encryption on its member, in both places where it is written."""
    local, listed = archive.index(b"PK\x03\x04") + 6, archive.index(b"PK\x01\x02") + 8
    marked = bytearray(archive)
    marked[local] |= 1
    marked[listed] |= 1
    return bytes(marked)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "bzip2": bz2.compress,
    "zstd": zstd,
    "zip": one_zipped,
    "zip stored": lambda content: zipped(("receipts", content), method=ZIP_STORED),
    "zip bzip2": lambda content: zipped(("receipts", content), method=ZIP_BZIP2),
    "zip lzma": lambda content: zipped(("receipts", content), method=ZIP_LZMA),
    "zip of a desktop": lambda content: zipped(("r.csv", content), ("__MACOSX/._r.csv", b"x"), (".DS_Store", b"x")),
    "zip with a folder": lambda content: zipped(("folder/", b""), ("folder/r.csv", content)),
    "two zstd frames": lambda content: zstd(content[:8]) + zstd(content[8:]),
    "two bzip2 streams": lambda content: bz2.compress(content[:8]) + bz2.compress(content[8:]),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_csv_file_lands_as_its_content(inbox: Inbox, packer: str) -> None:
    inbox.drop(PACKERS[packer](CSV))
    [landing] = inbox.land().files
    assert (landing.fate, landing.records_count) == ("landed", 3), landing.reason_text
    assert inbox.cells() == {1: ("1", "2", "3"), 3: ("5", "6", "7")}
    [kept] = inbox.quarantine()
    assert (kept["record_bytes"], kept["line_number"], kept["byte_offset"]) == (b"4\n", 3, 12)


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "zstd", "zip"])
def test_a_packed_ndjson_file_lands_as_its_content(make_inbox: Callable[..., Inbox], packer: str) -> None:
    inbox = make_inbox(format="ndjson")
    inbox.drop(PACKERS[packer](NDJSON))
    [landing] = inbox.land().files
    assert (landing.records_count, landing.landed_count, landing.quarantined_count) == (3, 2, 1), landing.reason_text


@pytest.mark.parametrize(
    ("content", "evidence"),
    [
        (zipped(("a.csv", CSV), ("b.csv", CSV)), "a zip archive of 2 files"),
        (zipped(), "a zip archive of 0 files"),
        (with_password(one_zipped(CSV)), "with a password"),
        (one_zipped(CSV).replace(CSV[:4], b"aaaa"), "unpack"),
        (bz2.compress(CSV)[:-5], "bzip2: Truncated"),
        (bz2.compress(CSV) + b"behind", "bzip2: "),
        (zstd(CSV)[:-3], "zstd: Truncated"),
        (zstd(CSV) + b"behind", "zstd: "),
        (zipped(("r.csv", CSV), method=ZIP_STORED).replace(b"5,6", b"5,9"), "zip: Bad CRC-32"),
        (bz2.compress(b"0" * (80 << 20)), "no table packs so well"),
        (zstd(b"0" * (80 << 20)), "no table packs so well"),
        (one_zipped(b"0" * (80 << 20)), "no table packs so well"),
    ],
)
def test_what_does_not_unpack_into_one_file_is_refused(inbox: Inbox, content: bytes, evidence: str) -> None:
    if evidence == "unpack":
        content = content[:40] + b"damaged" + content[47:]
    inbox.drop(content, "receipts.zip")
    [refused] = inbox.land().files
    assert (refused.fate, refused.reason_code) == ("refused", "not_unpackable"), refused.reason_text
    assert evidence in refused.reason_text
    assert inbox.raw() == []


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "zstd", "zip"])
def test_what_is_packed_twice_is_refused(inbox: Inbox, packer: str) -> None:
    inbox.drop(PACKERS[packer](PACKERS[packer](CSV)))
    [refused] = inbox.land().files
    assert (refused.reason_code, "its first bytes are of" in refused.reason_text) == ("not_the_format", True)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_file_with_any_byte_damaged_lands_balanced_or_is_refused(
    make_inbox: Callable[..., Inbox], packer: str
) -> None:
    content = PACKERS[packer](CSV)
    inbox, draw = make_inbox(), random.Random(packer)  # noqa: S311 - a seeded draw
    for number in range(4):
        damaged = bytearray(content)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        inbox.drop(bytes(damaged), f"receipts_{number}.zip")
    fates = {file.fate for file in inbox.land().files}
    assert fates <= {"landed", "refused", "already_landed"}
    # Arrow writes zstd without a checksum, so that a damaged byte may pass for text.
    assert "zstd" in packer or {row["a"] for row in inbox.raw()} <= {"1", "5"}


def test_a_zip_archive_that_states_a_vast_list_of_parts_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "parts.zip"
    path.write_bytes(zipped(*((f"part_{number}", b"") for number in range(20))))
    require_few_parts(path)
    monkeypatch.setattr(compressions, "_DIRECTORY_BYTES_LIMIT", 500)
    with pytest.raises(ArchiveDamaged, match="above 500"):
        require_few_parts(path)


def test_a_zip_archive_that_hides_the_size_of_its_list_in_the_larger_record_is_not_opened(tmp_path: Path) -> None:
    content = one_zipped(CSV)
    at = content.rindex(b"PK\x05\x06")
    end = bytearray(content[at:])
    struct.pack_into("<L", end, 12, 0xFFFFFFFF)
    larger = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 20, 1 << 20, 1 << 30, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    path = tmp_path / "large.zip"
    path.write_bytes(content[:at] + larger + locator + bytes(end))
    with pytest.raises(ArchiveDamaged):
        require_few_parts(path)
    assert compression_of(path, "large.zip") == "zip"


@pytest.mark.parametrize("head", [b"PKID,a\n", b"BZh,a\n", b"PK\n", b"", b"P"])
def test_a_text_that_begins_like_an_archive_is_no_archive(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "text"
    path.write_bytes(head)
    assert compression_of(path, "receipts.csv") == "none"
