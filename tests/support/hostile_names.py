"""Names that an attacker, or a careless program, gives to files and columns; from a seed."""

import random
from collections.abc import Iterator

NAME_BYTES = 255

_PARTS = (
    b"..",
    b"..\\..\\",
    b"..%2f..%2fetc%2fpasswd",
    b"\xe2\x88\x95etc\xe2\x88\x95passwd",  # a sign that only looks like a slash
    b"C:\\windows\\x",
    b"'",
    b'"',
    b"''; drop table records; --",
    b"'); copy (select 1) to 'pwned.csv'; --",
    b"\"; attach 'x.db'; --",
    b"$1",
    b"{0}%s%n",
    b"{{ var('x') }}",
    b"$(touch pwned)",
    b"`touch pwned`",
    b"|touch pwned",
    b"*",
    b"?",
    b"[a-z]",
    b"**",
    b"{a,b}",
    b"!",
    b"~",
    b"#",
    b"&",
    b";",
    b"=",
    b",",
    b" ",
    b"-rf",
    b"--",
    b"\\",
    b"\n",
    b"\r\n",
    b"\t",
    b"\x1b[2J",
    b"\x07",
    b"\x7f",
    b"\x80\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",  # writes what follows from right to left
    b"\xe2\x80\x8b",
    b"e\xcc\x81",
    b"\xc3\xa9",
    b"\xf0\x9f\x92\xa9",
    b"\xef\xbc\x8e\xef\xbc\x8e\xef\xbc\x8f",
    b"CON",
    b"file:",
    b"s3:",
    b"https:",
    b"x" * 200,
    b"hive=1",
    b"arrived_on=2026-01-01",
    b"_manifest",
    b".parquet",
    b".json",
    b".gz",
    b".csv",
)


def hostile_names(count: int, *, seed: int, stem: bytes = b"") -> Iterator[bytes]:
    """Yield different names of files, each of up to 255 bytes, that begin with `stem`; none begins with a dot."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    given: set[bytes] = set()
    while len(given) < count:
        parts = b"".join(chance.choices(_PARTS, k=chance.randint(1, 5)))
        name = (stem + parts)[:NAME_BYTES]
        if name in given or name.startswith(b"."):
            continue
        given.add(name)
        yield name


def hostile_headers(count: int, *, seed: int) -> Iterator[str]:
    """Yield different names of columns, no two alike but for blanks and case."""
    given = {""}
    for name in hostile_names(count * 4, seed=seed):
        header = name.decode(errors="replace")
        if header.strip().casefold() not in given and len(given) <= count:
            given.add(header.strip().casefold())
            yield header
