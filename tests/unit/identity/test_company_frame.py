"""What guards read off the company's records."""

import duckdb
import pyarrow as pa

from orchestration.identity.company_frame import build_company_frame, guard_attributes

_COMPARED = (
    *("record_id", "source", "given_name", "family_name", "full_name", "birth_date", "email", "phone"),
    *("house_number", "street", "postcode", "city", "country_code", "gender"),
)
_OBSERVED = ("record_id", "identifier_type", "identifier_hash")


def _table(columns: tuple[str, ...], *rows: dict[str, str]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=pa.schema([(name, pa.string()) for name in columns]))


def _initials(**given_names: str) -> dict[str, set[str]]:
    """Return the hashes of initials by record, of records with one given name each."""
    people = [
        {"record_id": name, "given_name": given, "family_name": "Cranmore"} for name, given in given_names.items()
    ]
    with duckdb.connect() as connection:
        build_company_frame(connection, _table(_COMPARED, *people))
        rows = guard_attributes(connection, _table(_OBSERVED)).rows.to_pylist()
    told = [(row["record_id"], row["attribute_value"]) for row in rows if row["attribute_type"] == "given_initial"]
    return {name: {value for record, value in told if record == name} for name in given_names}


def test_an_initial_speaks_against_a_first_name_of_another_letter_and_for_what_it_may_be_short_for() -> None:
    initials = _initials(mother="Helen", daughter="Lucy", card="L.")
    assert initials["card"] & initials["daughter"]
    assert not initials["card"] & initials["mother"]


def test_a_nickname_has_the_initials_of_all_that_it_may_be_short_for() -> None:
    initials = _initials(till="Bill", card="W.")
    assert initials["till"] & initials["card"]
