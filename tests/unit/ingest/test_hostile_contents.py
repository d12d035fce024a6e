"""Files made to exhaust the machine are refused soon, in little memory, and with a reason."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.ingest.errors import FileNotOfFormat
from orchestration.ingest.probing import probe
from tests.support.inboxes import contract

MIB = 1 << 20
# What is promised is 5 seconds and 500 MB; a test's machine may be slow, but has no less memory.
CPU_SECONDS, PEAK_BYTES = 15, 500 * 10**6
LONG = 2 << 30


@dataclass(frozen=True)
class Attack:
    """A file and its fate: the code of its refusal, or of the one record that is quarantined while another lands."""

    write: Callable[[Path], object]
    code: str
    landed_count: int = 0


def _pieces(*pieces: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(b"".join(pieces))


def _zip_of_zeros(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("receipts.csv", "w") as member:
        for _ in range(300):
            member.write(bytes(MIB))


def _zstd_of_zeros(path: Path) -> None:
    with pa.CompressedOutputStream(path, "zstd") as stream:
        for _ in range(300):
            stream.write(bytes(MIB))


def _zip_of_many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(50_000):
            archive.writestr(f"{number}.csv", "")


def _sparse(begin: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(begin)
        os.truncate(path, LONG)

    return write


def _long_field(path: Path) -> None:
    # Noise among it, so that it packs no better than some honest files do.
    member = gzip.compress(os.urandom(4096).hex().encode() + b"x" * (MIB - 8192), compresslevel=1)
    path.write_bytes(gzip.compress(b'a,b,c\n1,"') + member * (LONG // MIB))


KEYS = b",".join(b'"k%d":1' % number for number in range(100_000))
ATTACKS = {
    "gzip bomb of 10 GiB": Attack(_pieces(gzip.compress(bytes(MIB)) * 10_240), "not_unpackable"),
    "zip bomb": Attack(_zip_of_zeros, "not_unpackable"),
    "zstd bomb": Attack(_zstd_of_zeros, "not_unpackable"),
    "zip of 50,000 files": Attack(_zip_of_many, "not_unpackable"),
    "deep JSON": Attack(_pieces(b'[{"a":', b"[" * 5_000_000, b"]" * 5_000_000, b"}]"), "not_the_format"),
    "deep JSON never closed": Attack(_pieces(b"[", b'{"a":' * 2_000_000), "not_the_format"),
    "deep NDJSON": Attack(_pieces(b'{"a":1}\n{"a":', b"[" * 900_000, b"]" * 900_000, b"}\n"), "nested_too_deep", 1),
    "100,000 columns": Attack(_pieces(b"a", b",x" * 100_000, b"\n1", b"," * 100_000, b"\n"), "header_unusable"),
    "100,000 keys in NDJSON": Attack(_pieces(b'{"a":1,', KEYS, b"}\n"), "header_unusable"),
    "100,000 keys in JSON": Attack(_pieces(b'[{"a":1,', KEYS, b"}]"), "header_unusable"),
    "100,000 keys, each in an object of its own": Attack(
        _pieces(*(b'{"a":1,"k%d":1}\n' % number for number in range(100_000))), "header_unusable"
    ),
    "a number of a million digits": Attack(_pieces(b'[{"a":', b"9" * 1_000_000, b"}]"), "not_the_format"),
}
LONG_ATTACKS = {
    "a field of 2 GiB whose quote never closes": Attack(_long_field, "not_the_format"),
    "a line of 2 GiB in NDJSON": Attack(_sparse(b'{"a":1}\n{"a":"'), "not_the_format"),
}


@pytest.fixture
def lake_root(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "lake"
    (root / "inbox" / "till").mkdir(parents=True)
    yield root
    shutil.rmtree(root)  # some of it is large, and pytest keeps its folders


@pytest.mark.parametrize(
    "attacks", [ATTACKS, *({name: attack} for name, attack in LONG_ATTACKS.items())], ids=["many", *LONG_ATTACKS]
)
def test_an_attack_is_refused_soon_in_little_memory_and_with_a_reason(
    lake_root: Path, attacks: Mapping[str, Attack]
) -> None:
    for name, attack in attacks.items():
        attack.write(lake_root / "inbox" / "till" / f"receipts {name}")
    command = [sys.executable, "-m", "tests.support.measured_landing", str(lake_root)]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, check=True, text=True)
    found = json.loads(done.stdout)
    print({key: found[key] for key in ("cpu_seconds", "peak_bytes")})  # noqa: T201 - what it cost is the result
    assert found["files"] == {
        f"receipts {name}": {"codes": [attack.code], "landed_count": attack.landed_count}
        for name, attack in attacks.items()
    }
    assert found["peak_bytes"] < PEAK_BYTES
    assert found["cpu_seconds"] < CPU_SECONDS


def test_a_line_without_end_is_no_file_of_a_new_feed_either(lake_root: Path) -> None:
    path = lake_root / "receipts.csv"
    path.write_bytes(b"a,b,c\n1,2,3\n")
    os.truncate(path, 100 * MIB)
    with pytest.raises(FileNotOfFormat, match="the line at byte 12 has more than 67108864 bytes"):
        probe(path, contract(delimiter="detect"), lake_root)
