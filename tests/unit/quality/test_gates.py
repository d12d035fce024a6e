import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.quality_policy import QualityPolicy
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.quality.declarations import FactSpec, GateSpec, NoRows, WithinLimits, all_match, not_null
from orchestration.quality.gates import declare_gates, run_gate
from orchestration.quality.verdicts import Verdict

LIMITS = DuckdbLimits(memory_limit="1GB", threads=1)
NIGHT = date(2026, 3, 31)


@pytest.fixture(scope="module")
def gates() -> tuple[GateSpec, ...]:
    return declare_gates(load_contracts(PROJECT_ROOT / "lake" / "contracts"))


def gate_of(*facts: FactSpec) -> GateSpec:
    return GateSpec("test", "A gate of this test.", facts)


def fact_of(*checks: NoRows | WithinLimits, table: str = "main.people") -> FactSpec:
    return FactSpec(table, "holds", "It holds.", ("a", "b"), checks)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create table people as select n as id, 'ada' || n || '@example.org' as email from range(9) t(n)"
        )
    return path


def run(gate: GateSpec, database: Path) -> Verdict:
    return run_gate(gate, database=database, as_of_on=NIGHT, policy=QualityPolicy(), limits=LIMITS)


def test_there_are_six_gates_in_the_order_of_the_night(gates: tuple[GateSpec, ...]) -> None:
    assert [gate.name for gate in gates] == ["raw", "staging", "customer", "features", "scores", "serving"]


def test_every_contract_feed_has_facts_in_the_raw_gate(gates: tuple[GateSpec, ...]) -> None:
    feeds = {("raw", feed.source, feed.name) for feed in load_contracts(PROJECT_ROOT / "lake" / "contracts").feeds()}
    assert feeds < set(gates[0].asset_keys)


def test_a_fact_is_named_once_for_its_table_and_described_by_a_sentence(gates: tuple[GateSpec, ...]) -> None:
    facts = [fact for gate in gates for fact in gate.facts]
    assert not [name for name, count in Counter((f.table, f.fact) for f in facts).items() if count > 1]
    assert not [fact.fact for fact in facts if not fact.description.endswith(".")]
    assert not [fact.fact for fact in facts if not fact.checks]


def test_declaring_the_gates_does_not_import_great_expectations() -> None:
    code = "import sys; import orchestration.quality.gates; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=PROJECT_ROOT).returncode == 0


def test_the_file_is_free_for_a_writer_in_another_process_once_the_gate_has_run(people: Path) -> None:
    run(gate_of(fact_of(NoRows("select id as key from $batch where id < 0"))), people)
    code = f"import duckdb; duckdb.connect({str(people)!r}).execute('drop table people')"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_file_is_free_also_when_a_check_could_not_be_computed(people: Path) -> None:
    verdict = run(gate_of(fact_of(NoRows("select nothing as key from $batch"))), people)
    assert not verdict.is_passed
    with duckdb.connect(people) as connection:
        connection.execute("drop table people")


def test_a_gate_leaves_the_file_as_it_was(people: Path) -> None:
    before = people.read_bytes()
    run(gate_of(fact_of(NoRows("select id as key from $batch"))), people)
    assert people.read_bytes() == before
    assert not people.with_name("people.duckdb.wal").exists()


def test_a_check_that_names_a_missing_column_fails_and_says_so(people: Path) -> None:
    (fact,) = run(gate_of(fact_of(NoRows("select nothing as key from $batch"))), people).facts
    assert not fact.is_passed
    assert "nothing" in str(fact.observed["not_checked"])


def test_a_check_that_stumbles_over_a_value_fails_without_repeating_the_value(people: Path) -> None:
    (fact,) = run(gate_of(fact_of(NoRows("select id as key from $batch where email::integer > 0"))), people).facts
    assert not fact.is_passed
    assert "ada" not in repr(fact)


def test_a_missing_table_fails_its_facts_and_no_others(people: Path) -> None:
    missing = fact_of(NoRows("select 1 as key from $batch"), table="main.nobody")
    present = fact_of(NoRows("select id as key from $batch where id < 0"))
    verdict = run(gate_of(missing, present), people)
    assert [fact.is_passed for fact in verdict.facts] == [False, True]
    assert verdict.facts[0].observed == {"missing_table": "main.nobody"}


def test_unexpected_rows_are_counted_and_five_keys_shown(people: Path) -> None:
    (fact,) = run(gate_of(fact_of(NoRows("select id as key from $batch where id > 1"))), people).facts
    assert fact.unexpected_count == 7
    assert fact.observed == {"unexpected_count": 7, "keys": ["2", "3", "4", "5", "6"]}


def test_a_measure_passes_between_its_limits_and_when_there_was_nothing_to_measure(people: Path) -> None:
    query = (
        "select 'inside' as measure, 0.5 as observed, 0.5 as at_least, 0.5 as at_most from $batch where id = 1 "
        "union all select 'nothing', null, 0, 1 union all select 'below', 0.1, 0.2, null "
        "union all select 'above', 9, null, 8"
    )
    (fact,) = run(gate_of(fact_of(WithinLimits(query))), people).facts
    assert fact.observed == {
        "inside": 0.5,
        "nothing": None,
        "below": 0.1,
        "above": 9.0,
        "outside_limits": ["above", "below"],
    }
    assert fact.unexpected_count == 2


def test_builtin_checks_report_counts_and_no_values(people: Path) -> None:
    with duckdb.connect(people) as connection:
        connection.execute("insert into people values (null, null)")
    fact_spec = FactSpec("main.people", "holds", "It holds.", ("a",), not_null("id", "email"))
    (fact,) = run(gate_of(fact_spec), people).facts
    assert fact.observed == {"id unexpected_count": 1, "email unexpected_count": 1}
    assert fact.unexpected_count == 2


def test_patterns_with_braces_dollars_colons_and_quotes_reach_the_database_as_they_are(people: Path) -> None:
    pattern = r"a{1}da\d@(?:example|it's:that)\.org$"
    spec = FactSpec("main.people", "holds", "It holds.", ("a",), (all_match("email", pattern, "id"),))
    assert run(gate_of(spec), people).is_passed


def test_a_folder_with_a_dollar_in_its_name_is_no_variable(tmp_path: Path, people: Path) -> None:
    folder = tmp_path / "a $HOME & b%20?c=d#e"
    folder.mkdir()
    moved = people.rename(folder / "people.duckdb")
    assert run(gate_of(fact_of(NoRows("select id as key from $batch where id < 0"))), moved).is_passed


def test_a_connection_of_this_process_that_reads_the_same_file_is_no_hindrance(
    people: Path, failed: Callable[[Verdict], list[str]]
) -> None:
    with connect(people, LIMITS, read_only=True) as connection:
        verdict = run(gate_of(fact_of(NoRows("select id as key from $batch where id < 0"))), people)
        assert failed(verdict) == []
        assert connection.execute("select count(*) from people").fetchall() == [(9,)]
