"""The six gates: what they claim, declared without Great Expectations, and how one is run.

A gate is the boundary after a layer. Which assets carry its checks and what a breach stops is for
the assets; what the facts are stands in `suites`.
"""

import warnings
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.quality_policy import QualityPolicy
from orchestration.quality.declarations import FactSpec, GateSpec, WithinLimits
from orchestration.quality.suites import customer, features, raw, scores, serving, staging
from orchestration.quality.verdicts import FactVerdict, Verdict


def declare_gates(contracts: Contracts) -> tuple[GateSpec, ...]:
    """Return the six gates in the order in which a night passes them."""
    return (
        raw.gate(contracts),
        staging.gate(contracts),
        customer.gate(),
        features.gate(),
        scores.gate(),
        serving.gate(),
    )


def run_gate(  # noqa: PLR0913 - keyword-only; a gate is run in one place
    gate: GateSpec,
    *,
    database: Path,
    as_of_on: date,
    policy: QualityPolicy,
    limits: DuckdbLimits,
    attached: Mapping[str, Path] | None = None,
) -> Verdict:
    """Return the verdict of a gate over a DuckDB file, which is read only and free again afterwards.

    The raw gate reads what `raw_views` makes (`lake_raw_<source>.<feed>`, `lake_ledger.files`,
    `lake_quarantine.records`, `lake_ledger.files_ever`); the staging, customer, features and scores
    gates the warehouse; the serving gate the candidate, with the warehouse attached as `warehouse`.
    A fact whose table is missing, or whose check cannot be computed, does not hold.

    Args:
        gate: one of `declare_gates`.
        database: the DuckDB file; no other process may have it open for writing.
        as_of_on: the business day that the night closes.
        policy: what is tolerated.
        limits: memory and threads of the connections.
        attached: name to further DuckDB file, opened read-only.
    """
    with warnings.catch_warnings():
        # Great Expectations imports modules of the standard library that are deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        from orchestration.quality import expectations

    facts = [(fact, _parameters(fact, as_of_on, policy)) for fact in gate.facts]
    found = expectations.outcomes(facts, expectations.Databases(database, attached or {}, limits))
    return Verdict(
        gate.name,
        tuple(
            FactVerdict(
                gate=gate.name,
                table=fact.table,
                fact=fact.fact,
                is_passed=is_passed,
                observed=observed,
                unexpected_count=count,
                description=fact.description,
                is_blocking=fact.is_blocking,
                measured=_measured(fact, parameters, observed),
            )
            for (fact, parameters), (is_passed, observed, count) in zip(facts, found, strict=True)
        ),
    )


def _measured(fact: FactSpec, parameters: Mapping[str, object], observed: Mapping[str, object]) -> dict[str, float]:
    """Return the highest measure of a fact with one limit, under its name, with that limit; else nothing."""
    if len(fact.checks) != 1:
        return {}
    match fact.checks[0]:
        case WithinLimits(told_as=str(name), limit=limit) if name:
            measures = [float(value) for value in observed.values() if isinstance(value, int | float)]
            known = parameters[limit.removeprefix("$")] if isinstance(limit, str) else limit
            return {name: max(measures), "limit": float(str(known))} if measures else {}
        case _:
            return {}


def _parameters(fact: FactSpec, as_of_on: date, policy: QualityPolicy) -> Mapping[str, object]:
    waived = [waiver.file_sha256 for waiver in policy.waived_files]
    return {**policy.limits_of(fact.feed).model_dump(), "as_of_on": as_of_on, "waived_files": waived}
