"""Why two records are one customer, step by step, or what keeps them apart.

Belongs here: evidence as steps, weights and words. Does not belong here: how they are laid out (`page`, the command).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.identity.evidence.stored import Named, graph_within, records_of_customer
from orchestration.identity.evidence.words import bits_words, guard_words, identifier_words, prior_words
from orchestration.identity.graph.paths import strongest_path

_DECISION_SQL = """
select reason, decided_by, decided_on
from lake_identity.link_decisions
where record_id_left = least($1, $2) and record_id_right = greatest($1, $2)
"""
_PAIRS_BETWEEN_SQL = """
select record_id_left, record_id_right, edge_kind, rule, identifier_hash, match_weight, evidence_json
from lake_identity.edges
where
    edge_kind = 'probabilistic'
    and (
        (list_contains($1, record_id_left) and list_contains($2, record_id_right))
        or (list_contains($2, record_id_left) and list_contains($1, record_id_right))
    )
order by match_weight desc, record_id_left, record_id_right
limit 1
"""
_PARTED_SQL = """
select reason, decided_by, decided_on
from lake_identity.link_decisions
where
    decision = 'cannot_link'
    and (
        (list_contains($1, record_id_left) and list_contains($2, record_id_right))
        or (list_contains($2, record_id_left) and list_contains($1, record_id_right))
    )
order by decided_on desc, record_id_left, record_id_right
"""
_REVIEWED_BETWEEN_SQL = """
select
    guard, reason_code, record_id_left, record_id_right, rule, identifier_hash, match_weight, as_of_on,
    if(identifier_hash is null, evidence_json ->> '$.edge', null) as evidence_json
from lake_identity.review_queue
where
    (list_contains($1, record_id_left) and list_contains($2, record_id_right))
    or (list_contains($2, record_id_left) and list_contains($1, record_id_right))
order by match_weight desc nulls last, record_id_left, record_id_right, rule, identifier_hash
"""


@dataclass(frozen=True)
class Weight:
    """One bar of a waterfall.

    Attributes:
        label: what was compared and found, without values.
        bits: what it adds; below zero it speaks for two persons.
        total_bits: the sum up to here.
        words: what the bits say.
    """

    label: str
    bits: float
    total_bits: float
    words: str


@dataclass(frozen=True)
class Step:
    """One step from a record to the next, with its evidence.

    Attributes:
        record_id_from: one record.
        record_id_to: the other.
        headline: what joins them, in words.
        weights: of a compared pair its waterfall, the prior first; none of an identifier or a decision.
        probability: of a compared pair, that both are one person.
        identifier: type and hash of a shared identifier.
    """

    record_id_from: str
    record_id_to: str
    headline: str
    weights: tuple[Weight, ...] = ()
    probability: float | None = None
    identifier: tuple[str, str] | None = None


@dataclass(frozen=True)
class Explanation:
    """What can be said of two records.

    Attributes:
        one: what was asked for.
        other: what was asked for.
        is_one_customer: whether both are one customer.
        summary: the answer in one sentence.
        steps: the path between them; of two customers the strongest evidence, one step each.
        apart: of two customers why each of the steps was not followed, in their order.
    """

    one: Named
    other: Named
    is_one_customer: bool
    summary: str
    steps: tuple[Step, ...]
    apart: tuple[str, ...] = ()


def explained(connection: duckdb.DuckDBPyConnection, one: Named, other: Named) -> Explanation:
    """Return why two records are one customer, or what speaks for it and what kept them apart.

    Args:
        connection: `stored.stored_identity`.
        one: a record.
        other: another record.
    """
    ones = records_of_customer(connection, one.customer_id)
    if one.customer_id == other.customer_id:
        graph = graph_within(connection, ones)
        path = strongest_path(graph, one.record_id, other.record_id).to_pylist()
        steps = tuple(_step(connection, row) for row in path)
        count = "one step" if len(steps) == 1 else f"{len(steps)} steps"
        summary = (
            f"{one.record_id} and {other.record_id} are one customer, {one.customer_id}, who has {len(ones)} records. "
            f"The strongest path between them has {count}; it is as strong as its weakest step."
        )
        return Explanation(one, other, is_one_customer=True, summary=summary, steps=steps)
    return _two_customers(connection, one, other, (ones, records_of_customer(connection, other.customer_id)))


def _two_customers(
    connection: duckdb.DuckDBPyConnection, one: Named, other: Named, records: tuple[list[str], list[str]]
) -> Explanation:
    reviewed = _rows(connection, _REVIEWED_BETWEEN_SQL, *records)
    compared = [] if any(row["evidence_json"] for row in reviewed) else _rows(connection, _PAIRS_BETWEEN_SQL, *records)
    rows = [*reviewed, *compared]
    parted = "".join(
        f" Decided by {row['decided_by']} on {row['decided_on']}: {row['reason']}."
        for row in _rows(connection, _PARTED_SQL, *records)
    )
    found = (
        "What speaks for one person, and why it was not followed:"
        if rows
        else "Nothing speaks for one person: they share no identifier that may join records, and no values that would "
        "make a comparison worth while. If you know better, `genome merge` makes them one."
    )
    summary = (
        f"{one.record_id} belongs to customer {one.customer_id} ({_counted(records[0])}) and {other.record_id} to "
        f"{other.customer_id} ({_counted(records[1])}): they are two customers.{parted} {found}"
    )
    steps = tuple(
        _step(connection, {**row, "record_id_from": row["record_id_left"], "record_id_to": row["record_id_right"]})
        for row in rows
    )
    apart = tuple(_kept_apart(row) for row in rows)
    return Explanation(one, other, is_one_customer=False, summary=summary, steps=steps, apart=apart)


def _kept_apart(row: Mapping[str, Any]) -> str:
    """Return why the evidence of a row was not followed."""
    if "guard" not in row:
        return (
            "it weighs too little: relatives and namesakes weigh as much"
            if row["match_weight"] > 0
            else "compared, the two speak more of two persons than of one"
        )
    words = guard_words(row["guard"], row["reason_code"])
    return f"{words} (kept apart since the night of {row['as_of_on']})"


def _step(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> Step:
    """Return a row of a path, or of evidence between customers, as a step."""
    ends = str(row["record_id_from"]), str(row["record_id_to"])
    if row.get("edge_kind") == "decision":
        [decision] = _rows(connection, _DECISION_SQL, *ends)
        return Step(
            *ends,
            f"decided to be one person by {decision['decided_by']} on {decision['decided_on']}: {decision['reason']}",
        )
    bits = float(row["match_weight"])
    if row["identifier_hash"] is not None:
        kind = identifier_words(row["rule"])
        return Step(
            *ends,
            f"both show one {kind}, which counts as {bits:.0f} bits: {bits_words(bits)}",
            identifier=(row["rule"], row["identifier_hash"]),
        )
    weights = waterfall(bits, json.loads(row["evidence_json"]))
    return Step(
        *ends,
        f"their values were compared: {bits:.1f} bits, {bits_words(bits)}",
        weights=weights,
        probability=1 / (1 + 2.0**-bits),
    )


def waterfall(total_bits: float, compared: Sequence[Mapping[str, Any]]) -> tuple[Weight, ...]:
    """Return the bars that lead to a match weight: the prior, then each comparison, the strongest first.

    Args:
        total_bits: the pair's match weight, log2 of the odds that both are one person.
        compared: its evidence, `{compared, level, bits}` each; the prior is what they leave of the total.

    Example:
        >>> [(bar.label, bar.bits, bar.total_bits) for bar in waterfall(
        ...     2.0, [{"compared": "city", "level": "town equal", "bits": 3.0},
        ...           {"compared": "name", "level": "different", "bits": -1.0}])]
        [('two records at random', 0.0, 0.0), ('town equal', 3.0, 3.0), ('name: different', -1.0, 2.0)]
    """
    prior = round(total_bits - sum(part["bits"] for part in compared), 2) + 0.0
    bars = [Weight("two records at random", prior, prior, prior_words(prior))]
    for part in sorted(compared, key=lambda part: -part["bits"]):
        bits = float(part["bits"])
        is_different = part["level"] == "different"
        label = f"{part['compared'].replace('_', ' ')}: different" if is_different else part["level"]
        bars.append(Weight(label, bits, round(bars[-1].total_bits + bits, 2), bits_words(bits)))
    return tuple(bars)


def _counted(records: Sequence[str]) -> str:
    return "one record" if len(records) == 1 else f"{len(records)} records"


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> list[dict[str, Any]]:
    return connection.execute(sql, list(values)).to_arrow_table().to_pylist()
