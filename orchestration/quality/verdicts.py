"""What a gate found: one verdict a fact, without personal data, and its row in the lake.

Running gates and deciding what a breach stops do not belong here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from orchestration.foundation.clock import naive_utc
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_tables import LAKE_TABLES

VERDICTS_TABLE = "quality/verdicts"


@dataclass(frozen=True)
class FactVerdict:
    """Whether one fact held.

    Attributes:
        gate: the gate that claims it.
        table: the table it is about, as `schema.table`.
        fact: the sentence in snake_case.
        is_passed: whether it held.
        observed: counts, shares and keys or key hashes; JSON values, no personal data.
        unexpected_count: rows (or measures) that break it; 0 when it held.
        description: the fact for people.
        is_blocking: whether its breach stops the night; else it only warns.
        measured: for a fact with one limit, the highest measure by its name, and `limit`.
    """

    gate: str
    table: str
    fact: str
    is_passed: bool
    observed: Mapping[str, object]
    unexpected_count: int
    description: str
    is_blocking: bool = True
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a gate found: all of its facts, in order of declaration."""

    gate: str
    facts: tuple[FactVerdict, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every fact held whose breach stops the night."""
        return not self.failed

    @property
    def failed(self) -> tuple[FactVerdict, ...]:
        """The facts that did not hold and whose breach stops the night."""
        return tuple(fact for fact in self.facts if fact.is_blocking and not fact.is_passed)

    @property
    def warned(self) -> tuple[FactVerdict, ...]:
        """The facts that did not hold and stop nothing."""
        return tuple(fact for fact in self.facts if not fact.is_blocking and not fact.is_passed)


class GateFailed(GenomeError):
    """A gate whose facts did not all hold: nothing behind it may be built."""

    @classmethod
    def of(cls, verdict: Verdict) -> "GateFailed":
        """Return the error that lists every fact that did not hold, with what was observed."""
        listed = "\n".join(
            f"  - {f.table}: {f.fact} ({f.unexpected_count} unexpected; "
            f"{json.dumps(dict(f.observed), sort_keys=True, default=str)[:300]})"
            for f in verdict.failed
        )
        return cls(
            f"the {verdict.gate} gate found {len(verdict.failed)} of {len(verdict.facts)} facts "
            f"broken, so nothing behind it was built and what was published stays:\n{listed}\n"
            f"Correct the delivered files or the model that makes the table, or change a limit in "
            f"lake/policies/quality.yml when the data is right, then run the night again."
        )


def require_passed(verdict: Verdict) -> None:
    """Return only when every fact held whose breach stops the night.

    Raises:
        GateFailed: such a fact did not hold.
    """
    if not verdict.is_passed:
        raise GateFailed.of(verdict)


def to_table(verdict: Verdict, *, as_of_on: date, checked_at: datetime, run_id: str) -> pa.Table:
    """Return the verdict as rows of `quality/verdicts`, one row per fact, in the verdict's order.

    Args:
        verdict: what the gate found.
        as_of_on: the business day that the night closes.
        checked_at: when the gate ran, zone-aware.
        run_id: the run that asked.
    """
    rows = [
        {
            "as_of_on": as_of_on,
            "gate": fact.gate,
            "table_name": fact.table,
            "fact": fact.fact,
            "is_passed": fact.is_passed,
            "is_blocking": fact.is_blocking,
            "observed_json": json.dumps(dict(fact.observed), sort_keys=True),
            "unexpected_count": fact.unexpected_count,
            "checked_at": naive_utc(checked_at),
            "_run_id": run_id,
        }
        for fact in verdict.facts
    ]
    return pa.Table.from_pylist(rows, schema=LAKE_TABLES[VERDICTS_TABLE].schema)
