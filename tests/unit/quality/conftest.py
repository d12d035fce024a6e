"""Small databases that a gate passes, and one wrong row at a time that it must not let through."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.quality_policy import QualityPolicy
from orchestration.quality.declarations import GateSpec
from orchestration.quality.gates import run_gate
from orchestration.quality.verdicts import Verdict

LIMITS = DuckdbLimits(memory_limit="1GB", threads=1)
NIGHT = date(2026, 3, 31)

Judge = Callable[..., Verdict]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """A function from a gate and the SQL of its database to the gate's verdict."""

    def judged(
        gate: GateSpec,
        *statements: str,
        attached: Mapping[str, tuple[str, ...]] | None = None,
        policy: QualityPolicy | None = None,
    ) -> Verdict:
        others = {name: write_database(tmp_path / f"{name}.duckdb", *sql) for name, sql in (attached or {}).items()}
        return run_gate(
            gate,
            database=write_database(tmp_path / "judged.duckdb", *statements),
            as_of_on=NIGHT,
            policy=policy or QualityPolicy(),
            limits=LIMITS,
            attached=others,
        )

    return judged


def write_database(path: Path, *statements: str) -> Path:
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@pytest.fixture
def failed() -> Callable[[Verdict], list[str]]:
    """A function from a verdict to the sentences of the facts that did not hold."""
    return lambda verdict: [fact.fact for fact in verdict.failed]
