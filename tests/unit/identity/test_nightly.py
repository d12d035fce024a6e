"""Nights of identity over a small warehouse: what is built upon the night before equals what is made anew."""

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.link_decisions_policy import LinkDecision, LinkDecisionsPolicy
from orchestration.foundation.policies import Policies, load_policies
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.identity import night_before
from orchestration.identity.night_before import table_of
from orchestration.identity.nightly import IdentifiedNight, identify_customers

FIRST = date(2026, 6, 30)
LIMITS = DuckdbLimits(memory_limit="1GB", threads=1)
Person = tuple[str, str | None, str | None, str | None, str | None]
"""Record id, given name, family name, day of birth, e-mail."""

_GIVEN = [
    "Ann",
    "Bea",
    "Carl",
    "Dora",
    "Emil",
    "Fay",
    "Gus",
    "Hana",
    "Ivo",
    "Jill",
    "Karl",
    "Lea",
    "Max",
    "Nora",
    "Otto",
]
_FAMILY = [
    "Ames",
    "Birk",
    "Cole",
    "Dunn",
    "Ek",
    "Frost",
    "Gray",
    "Holt",
    "Ives",
    "Jonas",
    "Kerr",
    "Lund",
    "Moss",
    "Nash",
]


def people(count: int, *, source: str = "crm:contacts", email: bool = True) -> list[Person]:
    """Return as many people, no two of whom share name, birthday or address."""
    return [
        (
            f"{source}:{number:03}",
            _GIVEN[number % len(_GIVEN)],
            _FAMILY[number % len(_FAMILY)],
            f"{1950 + number % 50}-{1 + number % 12:02}-{1 + number % 28:02}",
            f"{_GIVEN[number % len(_GIVEN)]}.{number}@example.org".lower() if email else None,
        )
        for number in range(count)
    ]


def _warehouse(persons: Sequence[Person]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("create schema identity; create schema vault; create schema reference")
    for seed in ("identifier_types", "blocked_identifiers"):
        path = PROJECT_ROOT / "dbt_project" / "seeds" / f"{seed}.csv"
        connection.execute(f"create table reference.{seed} as from read_csv('{path}', header = true)")
    connection.execute(
        "create table persons (record_id text, given_name text, family_name text, birth_date date, email text)"
    )
    connection.executemany("insert into persons values (?, ?, ?, ?, ?)", persons)
    connection.execute(
        "create table identity.int_identity_records as select record_id from persons;"
        "create table identity.int_identifiers_observed as select record_id, 'email' as identifier_type, "
        "sha256(email) as identifier_hash, false as is_verified, timestamp '2026-01-05 10:00' as first_observed_at "
        "from persons where email is not null;"
        "create table vault.int_attributes_compared as select record_id, 'crm' as source, given_name, family_name, "
        "null::text as full_name, birth_date, email, null::text as phone, null::text as street, "
        "null::text as house_number, null::text as postcode, null::text as city, null::text as country_code, "
        "null::text as gender from persons"
    )
    return connection


@pytest.fixture(scope="session")
def policies() -> Policies:
    return load_policies(PROJECT_ROOT / "lake" / "policies")


def _night(lake: Lake, policies: Policies, persons: Sequence[Person], days: int) -> IdentifiedNight:
    with _warehouse(persons) as warehouse:
        return identify_customers(
            lake,
            warehouse,
            policies,
            limits=LIMITS,
            as_of_on=FIRST + timedelta(days=days),
            run_id=f"run {days}",
            at=datetime(2026, 7, 1, tzinfo=UTC),
        )


def _customers(night: IdentifiedNight) -> dict[str, str]:
    table = night.tables["identity/customer_records"]
    return {row["record_id"]: row["customer_id"] for row in table.to_pylist()}


def test_a_night_over_what_changed_gives_what_a_night_over_all_gives(tmp_path: Path, policies: Policies) -> None:
    known, newer = people(60), people(70)
    again: list[Person] = [
        ("shop:accounts:x1", "Ann", "Ames", newer[0][3], None),
        ("shop:accounts:x2", "Zoe", "Zorn", "1990-01-01", newer[3][4]),
    ]
    lake, anew = Lake(tmp_path / "lake"), Lake(tmp_path / "anew")
    _night(lake, policies, known, 0)
    _night(anew, policies, known, 0)
    second = _night(lake, policies, [*newer, *again], 1)
    assert second.trained_because is None
    assert second.weighed == "new and changed records"
    assert second.clustered.startswith("components of ")
    anew.forget("identity/customer_records", "current")
    whole = _night(anew, policies, list(reversed([*newer, *again])), 1)
    assert whole.clustered == "all records"
    for name in ("edges", "review_queue", "customer_records", "customer_id_lineage"):
        assert second.tables[f"identity/{name}"].equals(whole.tables[f"identity/{name}"]), name


def test_many_nights_leave_what_one_over_all_leaves(tmp_path: Path, policies: Policies) -> None:
    known = people(60)
    (_, given, family, born, email), suspect = known[5], known[9]
    twins: list[Person] = [(name, given, family, born, email) for name in ("aaa:5", "shop:accounts:5", "till:5")]
    changed = [*known[:7], (known[7][0], "Zoe", "Zorn", "1990-01-01", known[3][4]), *known[8:]]
    hidden = [each if each != suspect else (suspect[0], None, None, None, None) for each in changed]
    states: list[list[Person]] = [
        known,
        [*known, *twins[1:]],  # a record begins to stand for others
        [*changed, *twins],  # a smaller one stands for them instead; one record says something else
        [*hidden, *twins[1:], *people(70)[60:]],  # it ceases; a record becomes suspect; people come
        [*changed[6:], twins[2]],  # records are gone, and the suspect one speaks again
        known,
    ]
    lake, anew = Lake(tmp_path / "lake"), Lake(tmp_path / "anew")
    for day, state in enumerate(states):
        is_compared = day in (2, 3, 5)
        if is_compared:
            shutil.rmtree(anew.root, ignore_errors=True)
            shutil.copytree(lake.root, anew.root)
            anew.forget("identity/customer_records", "current")
        night = _night(lake, policies, state, day)
        assert night.weighed == ("new and changed records" if day else "all pairs")
        if is_compared:
            whole = _night(anew, policies, list(reversed(state)), day)
            assert (whole.trained_because, whole.weighed) == (None, "all pairs")
            assert [name for name, table in whole.tables.items() if not night.tables[name].equals(table)] == []


def test_a_night_that_is_run_again_changes_nothing(tmp_path: Path, policies: Policies) -> None:
    lake = Lake(tmp_path / "lake")
    _night(lake, policies, people(60), 0)
    first = _night(lake, policies, people(64), 1)
    again = _night(lake, policies, people(64), 1)
    assert [name for name, table in first.tables.items() if not again.tables[name].equals(table)] == []


def test_a_customer_keeps_the_id_when_a_smaller_record_joins(tmp_path: Path, policies: Policies) -> None:
    lake = Lake(tmp_path / "lake")
    before = _customers(_night(lake, policies, people(60), 0))
    joined = [*people(60), ("aaa:first", "Ann", "Ames", "1950-01-01", "ann.0@example.org")]
    after = _customers(_night(lake, policies, joined, 1))
    assert after["aaa:first"] == before["crm:contacts:000"]
    assert {record: after[record] for record in before} == before


def test_a_decision_that_is_withdrawn_gives_both_customers_back(tmp_path: Path, policies: Policies) -> None:
    lake = Lake(tmp_path / "lake")
    before = _customers(_night(lake, policies, people(60), 0))
    ends = ("crm:contacts:001", "crm:contacts:002")
    decision = LinkDecision(
        decision="must_link", record_ids=ends, reason="twins who are one", decided_by="steward", decided_on=FIRST
    )
    merged = policies.model_copy(update={"link_decisions": LinkDecisionsPolicy(decisions=(decision,))})
    during = _night(lake, merged, people(60), 1)
    assert len({_customers(during)[record] for record in ends}) == 1
    rules = during.tables["identity/customer_records"].to_pylist()
    assert {row["cluster_rule"] for row in rules if row["record_id"] in ends} == {"decision"}
    after = _night(lake, policies, people(60), 2)
    assert _customers(after) == before
    lineage = table_of(lake, "identity/customer_id_lineage").to_pylist()
    told = [(row["as_of_on"].day, row["event"], row["cause"]) for row in lineage if row["as_of_on"] > FIRST]
    assert told == [
        (1, "kept", "records_changed"),
        (1, "merged_into", "must_link"),
        (2, "kept", "records_changed"),
        (2, "split_from", "evidence_changed"),
    ]


def test_a_merge_is_told_once_when_its_night_was_cut_off_and_the_next_one_makes_it(
    tmp_path: Path, policies: Policies, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CutOffError(Exception):
        pass

    def cut_off(point: str) -> None:
        if point == "identity.after_lineage":
            raise CutOffError

    lake = Lake(tmp_path / "lake")
    _night(lake, policies, people(60), 0)
    joined = [*people(60), ("shop:accounts:x", "Ann", "Ames", "1950-01-01", "bea.1@example.org")]
    merging = [*joined, ("shop:accounts:y", "Bea", "Ames", "1950-01-01", "bea.1@example.org")]
    with monkeypatch.context() as patched:
        patched.setattr(night_before, "fault_point", cut_off)
        with pytest.raises(CutOffError):
            _night(lake, policies, merging, 1)
    _night(lake, policies, joined, 2)
    lineage = table_of(lake, "identity/customer_id_lineage").to_pylist()
    assert {row["as_of_on"].day for row in lineage} == {30, 2}


def test_people_of_one_address_who_contradict_each_other_stay_apart_and_the_queue_says_why(
    tmp_path: Path, policies: Policies
) -> None:
    family = [
        ("crm:contacts:a", "Ann", "Moss", "1960-02-03", "moss@example.org"),
        ("crm:contacts:b", "Bernard", "Moss", "1991-11-20", "moss@example.org"),
    ]
    found = _night(Lake(tmp_path / "lake"), policies, [*people(60), *family], 0)
    assert len({_customers(found)[record] for record, *_ in family}) == 2
    queue = found.tables["identity/review_queue"].to_pylist()
    told = [row["reason_code"] for row in queue if row["record_id_left"] == "crm:contacts:a"]
    assert told == ["other_given_name_and_birth_date"]
