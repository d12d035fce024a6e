"""Cells of other types or values than agreed are told of, quarantined or refused, as the contract says."""

from collections.abc import Callable, Mapping

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.feed_contract import FeedContract
from orchestration.ingest.cell_rules import WrittenAs, cell_rules
from orchestration.ingest.delivery import CellDrift
from tests.support.inboxes import Inbox, contract


def _columns(**stated: Mapping[str, object]) -> dict[str, dict[str, object]]:
    always = {"type": "text", "pii": "none", "purpose": "tests", "description": "A cell."}
    return {name: {**always, **column} for name, column in {"a": {"required": True}, **stated}.items()}


COLUMNS = _columns(
    b={"type": "decimal", "decimal_mark": ","},
    c={"type": "date", "formats": ["%d/%m/%Y", "%d.%m.%Y"]},
    d={"accepted_values": ["sale", "it's {0}"]},
)
NEW = b"""a,b,c,d,e
1,"1,5",01.02.2026,sale,x
2,1.5,2026-02-01,sale,x
3,,,,x
4," 1.234,50 ", 31/12/2025 ,it's {0},x
5,7,31.02.2026,gift,x
6,8,01.02.26,Zo\xc3\xab 7,x
short
"""
TYPES = (
    CellDrift("types", "b", 1, ("9.9",)),
    CellDrift("types", "c", 3, ("99.99.99", "99.99.9999", "9999-99-99")),
)
VALUES = (CellDrift("values", "d", 2, ("aaa 9", "aaaa")),)


@pytest.fixture
def make(make_inbox: Callable[..., Inbox]) -> Callable[..., Inbox]:
    """Makes an inbox with the given rules for drift into which the file was dropped."""

    def made(**rules: str) -> Inbox:
        inbox = make_inbox(columns=COLUMNS, on_drift=rules)
        inbox.drop(NEW)
        return inbox

    return made


def test_nothing_is_looked_at_where_the_contract_asks_nothing(make: Callable[..., Inbox]) -> None:
    inbox = make()
    [landing] = inbox.land().files
    assert (landing.landed_count, landing.quarantined_count, landing.drifts) == (6, 1, ())


def test_by_evolve_all_lands_and_the_landing_tells_of_it(make: Callable[..., Inbox]) -> None:
    asked, silent = make(types="evolve", values="evolve"), make()
    report = asked.land()
    assert report.files[0].drifts == (*TYPES, *VALUES)
    assert (report.landed_count, report.quarantined_count) == (6, 1)
    assert report.drifted_cells == (
        "b: 1 of other types, such as '9.9'",
        "c: 3 of other types, such as '99.99.99'",
        "d: 2 of other values, such as 'aaa 9'",
    )
    assert asked.raw() == silent.raw()


def test_by_quarantine_each_record_that_drifts_is_kept_there_once_with_rule_column_and_shape(
    make: Callable[..., Inbox],
) -> None:
    inbox = make(types="quarantine", values="quarantine")
    [landing] = inbox.land().files
    assert (landing.records_count, landing.landed_count, landing.quarantined_count) == (7, 3, 4)
    assert landing.drifts == (*TYPES, *VALUES)
    assert sorted(inbox.cells()) == [1, 3, 4]
    said = {row["_row_number"]: (row["reason_code"], row["reason_text"]) for row in inbox.quarantine()}
    day = "no date written as %d/%m/%Y or %d.%m.%Y"
    assert said == {
        2: ("types_drifted", f"b is no number with ',' before its decimals: 9.9; c is {day}: 9999-99-99"),
        5: ("types_drifted", f"c is {day}: 99.99.9999; d is none of its accepted values: aaaa"),
        6: ("types_drifted", f"c is {day}: 99.99.99; d is none of its accepted values: aaa 9"),
        7: ("cells_ragged", "the record does not have the 5 cells of the header"),
    }
    assert [row["record_bytes"] for row in inbox.quarantine()] == [
        NEW.splitlines(keepends=True)[at] for at in (2, 5, 6, 7)
    ]


def test_one_kind_may_be_quarantined_while_the_others_evolve(make: Callable[..., Inbox]) -> None:
    inbox = make(types="evolve", values="quarantine")
    inbox.land()
    assert sorted(inbox.cells()) == [1, 2, 3, 4]
    assert {row["reason_code"] for row in inbox.quarantine()} == {"values_drifted", "cells_ragged"}


def test_a_record_with_surplus_columns_too_is_quarantined_for_these(make: Callable[..., Inbox]) -> None:
    inbox = make(columns="quarantine", types="quarantine")
    inbox.land()
    assert {row["reason_code"] for row in inbox.quarantine()} == {"columns_unknown", "cells_ragged"}
    assert inbox.quarantine()[1]["reason_text"].startswith("has cells in columns that the contract does not know; b is")
    assert inbox.raw() == []


@pytest.mark.parametrize(
    ("rules", "code", "evidence"),
    [
        (
            {"types": "freeze", "values": "freeze"},
            "types_drifted",
            "b: 1 cells are no number with ',' before its decimals, such as '9.9'; c: 3 cells are no date",
        ),
        (
            {"values": "freeze"},
            "values_drifted",
            "(d: 2 cells are none of its accepted values, such as 'aaa 9', 'aaaa')",
        ),
    ],
)
def test_by_freeze_the_file_is_refused_with_what_was_found_and_the_way_out(
    make: Callable[..., Inbox], rules: dict[str, str], code: str, evidence: str
) -> None:
    inbox = make(**rules)
    [refused] = inbox.land().files
    assert refused.reason_code == code
    assert evidence in refused.reason_text
    assert "lake/contracts/till.yml" in refused.reason_text
    assert "genome replay" in refused.reason_text
    for cell in ("gift", "Zo", "2026-02-01"):
        assert cell not in refused.reason_text
    assert inbox.lake.tables() == ("ledger/files",)
    inbox.drop(b'a,b,c,d\n1,"2,5",01/02/2026,sale\n')
    assert inbox.land().landed_count == 1


def _is_broken(column: Mapping[str, object], cell: str | None, *, written_as: WrittenAs = "text") -> bool:
    feed = contract(columns=_columns(b=column), on_drift={"types": "evolve"})
    [rule] = cell_rules(feed, written_as, lambda _, formats: formats)
    [(found,)] = duckdb.execute(
        f"select coalesce({rule.is_broken}, false) from (select $1::varchar as b)", [cell]
    ).fetchall()
    return bool(found)


DAY = {"type": "date", "formats": ["%d.%m.%Y"]}
ENGLISH, CONTINENTAL = {"type": "decimal"}, {"type": "decimal", "decimal_mark": ","}


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ({"type": "integer"}, "0 -7 +7 007 1,234 12.00 £5", "1.5 1,5 1e3 x 0x1F 1_000 ١٢"),
        (ENGLISH, "1 1.5 .5 5. -1,234.50 €7.00 1,234,567", "1,5 1.234,50 1,23,456 1e3 NaN inf 1.5.2 - ."),
        (CONTINENTAL, "1 1,5 -1.234,50 1.234", "1.5 1,234.50 x"),
        (DAY, "01.02.2026 1.2.2026", "2026-02-01 32.01.2026 01.02.26 01/02/2026 45000"),
        ({"type": "date"}, "2026-02-01", "01.02.2026 2026-02-31 infinity epoch today"),
        (
            {"type": "timestamp"},
            "2026-02-01T10:00:00Z 2026-02-01T10:00:00+01:00 2026-02-01T10:00",
            "10:00 2026-02-01T25:00",
        ),
        ({"type": "boolean"}, "Y no TRUE 0", "maybe 2 ja"),
        ({"type": "json"}, '{"a":1} [1] 5', "{a:1} abc"),
    ],
)
def test_a_cell_is_of_its_type_when_it_reads_as_the_contract_says(
    column: Mapping[str, object], good: str, bad: str
) -> None:
    for cell in good.split():
        assert not _is_broken(column, cell), cell
        assert not _is_broken(column, f"  {cell} "), cell
    for cell in bad.split():
        assert _is_broken(column, cell), cell
    for nothing in (None, "", "  "):
        assert not _is_broken(column, nothing)


def test_formats_whose_cells_have_types_of_their_own_may_write_these_plainly() -> None:
    assert not _is_broken(CONTINENTAL, "1.5", written_as="values")
    assert not _is_broken(DAY, "2026-02-01T00:00:00", written_as="values")
    assert _is_broken(DAY, "45000", written_as="values")
    assert not _is_broken(DAY, "45000", written_as="sheet")


@settings(max_examples=10)
@given(
    cells=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
        min_size=20,
        max_size=50,
    )
)
def test_the_shape_of_a_cell_holds_none_of_its_letters_and_digits(cells: list[str]) -> None:
    feed = contract(columns=_columns(b={"accepted_values": ["x"]}), on_drift={"values": "evolve"})
    [rule] = cell_rules(feed, "text", lambda _, formats: formats)
    found = duckdb.execute(f"select {rule.shape} from (select unnest($1::varchar[]) as b)", [cells]).fetchall()
    for (shape,) in found:
        assert shape.isascii()
        assert {letter for letter in shape if letter.isalnum()} <= {"a", "9"}
    assert len(found) == len(cells)


def test_objects_are_read_like_records(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="ndjson", columns=COLUMNS, on_drift={"types": "quarantine"})
    inbox.drop(b'{"a":"1","b":1.5}\n{"a":"2","b":[1]}\n{"a":"3","c":"2026-01-01"}\n', "receipts.ndjson")
    inbox.land()
    assert sorted(inbox.cells()) == [1, 3]
    [record] = inbox.quarantine()
    assert (record["reason_code"], record["record_bytes"]) == ("types_drifted", b'{"a":"2","b":[1]}\n')


@pytest.mark.parametrize("kind", ["types", "values"])
def test_what_a_column_must_be_is_of_landing_only_where_landing_is_asked(kind: str) -> None:
    def changed(**rules: str) -> set[str]:
        columns = {
            "types": {**COLUMNS, "b": {**COLUMNS["b"], "decimal_mark": "."}},
            "values": {**COLUMNS, "d": {**COLUMNS["d"], "accepted_values": ["sale"]}},
        }[kind]
        feeds: list[FeedContract] = [contract(columns=stated, on_drift=rules) for stated in (COLUMNS, columns)]
        return {feed.landing_fingerprint for feed in feeds}

    assert len(changed()) == 1
    assert len(changed(**{kind: "evolve"})) == 2
