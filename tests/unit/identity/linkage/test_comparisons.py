import duckdb
import pyarrow as pa
import pytest

from orchestration.identity.linkage.blocking import filled_columns
from orchestration.identity.linkage.comparisons import comparisons_of
from orchestration.identity.linkage.frame import EVERY, build_frame

SILENT = "says nothing"


def _email_level(one: tuple[str, str, str], other: tuple[str, str, str]) -> str:
    """Return the level of two people's e-mails, each given as given name, family name and address."""
    rows = [{"given_name": given, "family_name": family, "email": email} for given, family, email in (one, other)]
    raw = pa.Table.from_pylist([{"record_id": str(n), "source": "crm", **row} for n, row in enumerate(rows)])
    with duckdb.connect() as connection:
        connection.register("raw_people", raw)
        build_frame(connection, "raw_people")
        email = next(each for each in comparisons_of(filled_columns(connection)) if each.kind == "email")
        columns = [row[0] for row in connection.execute(f"describe {EVERY}").fetchall()]
        pair = ", ".join(f"one.{name} as {name}_l, other.{name} as {name}_r" for name in columns)
        cases = " ".join(f"when {level.sql} then '{level.label}'" for level in email.levels)
        found = connection.execute(
            f"select case when {email.null_sql} then '{SILENT}' {cases} else 'different' end "
            f"from (select {pair} from {EVERY} one, {EVERY} other where one.record_id < other.record_id)"
        ).fetchone()
    assert found is not None
    return str(found[0])


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Owen", "Byrne", "o.byrne754@mail.net"), SILENT),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Byrnw", "Owen", "o.byrne754@mail.net"), SILENT),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Owen", "Byrne", "o.byrne7541@mail.net"), "one or two letters off"),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Owen", "Byrne", "o.bxrne741@mail.net"), "one or two letters off"),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Owen", "Byrne", "o.byrne741@post.net"), "before the @ equal"),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Owen", "Byrne", "o.byrne741@mail.net"), "e-mail equal"),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Ines", "Lima", "o.byrne754@mail.net"), "one or two letters off"),
        (("Owen", "Byrne", "o.byrne741@mail.net"), ("Owen", "Byrne", "lima@post.example"), "different"),
    ],
)
def test_an_address_made_of_their_name_does_not_make_two_namesakes_one(
    one: tuple[str, str, str], other: tuple[str, str, str], level: str
) -> None:
    assert _email_level(one, other).endswith(level)
