"""A linkage model from records alone: no labels, the same one for the same records.

Belongs here: the order of training. Does not belong here: scoring (`link`) and arithmetic (`expectation`).
"""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.identity.link import DIFFERENT, Linkage, level_shares, sampled_shares, score
from orchestration.identity.linkage.comparisons import ComparisonOf, frequency_columns
from orchestration.identity.linkage.expectation import MISSING, ComparedPairs, Numbers, drawn_to, fitted_shares
from orchestration.identity.linkage.frame import FRAME
from orchestration.identity.linkage.models import FREQUENCIES_SCHEMA, LevelShares, LinkageModel, settings_sha256

_TRAINING_PAIRS = "linkage_training_pairs"


@dataclass(frozen=True)
class TrainingLimits:
    """How much training may cost, and what the stated shares weigh beside what was counted.

    Attributes:
        random_pairs: pairs compared at random, to see what two persons share.
        blocked_pairs: pairs of the blocking rules that are compared, to see what one person's records share.
        at_least_bits: pairs below are taken for two persons.
        opinion_pairs: weight of the stated shares among pairs of one person.
        opinion_random_pairs: weight of the stated shares among pairs of two.
        matches_per_record: where the search for the share of matches begins.
    """

    random_pairs: int = 300_000
    blocked_pairs: int = 400_000
    at_least_bits: float = -20.0
    opinion_pairs: float = 30.0
    opinion_random_pairs: float = 200.0
    matches_per_record: float = 0.7


def trained_model(
    linkage: Linkage, *, blocked_pairs_count: int, trained_on: date, limits: TrainingLimits
) -> LinkageModel:
    """Return the model that the blocked records of the linkage train.

    Args:
        linkage: records, comparisons and rules.
        blocked_pairs_count: pairs of all rules together, to take a part of them when they are many.
        trained_on: the night, for the model's age.
        limits: what training may cost.
    """
    records = _count(linkage.connection)
    possible = max(records * (records - 1) / 2, 1.0)
    prior = min(limits.matches_per_record * records / possible, 0.5)
    opinion = _stated(linkage, prior, trained_on=trained_on, records=records, limits=limits, possible=possible)
    chunks = max(1, round(blocked_pairs_count / limits.blocked_pairs))
    score(linkage, opinion, at_least=limits.at_least_bits, into=_TRAINING_PAIRS, chunks=chunks)
    shares = [level_shares(each, opinion) for each in linkage.comparisons]
    fitted = fitted_shares(
        _compared(linkage, shares),
        stated_m=[np.array([m for m, _ in pairs]) for pairs in shares],
        u=[np.array([u for _, u in pairs]) for pairs in shares],
        prior=prior,
        pairs_possible=possible / chunks,
        opinion_pairs=limits.opinion_pairs,
    )
    learnt = {
        each.kind: tuple(
            LevelShares(level.label, float(m), level.u)
            for level, m in zip(opinion.shares[each.kind], found, strict=True)
        )
        for each, found in zip(linkage.comparisons, fitted.m, strict=True)
    }
    return LinkageModel(fitted.prior, learnt, opinion.settings_sha256, trained_on, records, opinion.frequencies)


def _stated(  # noqa: PLR0913 - what a model is before it has seen pairs
    linkage: Linkage, prior: float, *, trained_on: date, records: int, limits: TrainingLimits, possible: float
) -> LinkageModel:
    """Return the model before its search: stated shares of one person, sampled shares of two."""
    sampled = sampled_shares(linkage, pairs_at_most=limits.random_pairs)
    shares = {
        each.kind: _opinion(each, sampled[each.kind], pairs_count=min(possible, limits.random_pairs), limits=limits)
        for each in linkage.comparisons
    }
    frequencies = _frequencies(linkage)
    return LinkageModel(prior, shares, settings_sha256(linkage.comparisons), trained_on, records, frequencies)


def _opinion(
    of: ComparisonOf, sampled: list[float | None], *, pairs_count: float, limits: TrainingLimits
) -> tuple[LevelShares, ...]:
    m = _normalised([*(level.m for level in of.levels), of.different[0]])
    stated_u = _normalised([*(level.u for level in of.levels), of.different[1]])
    u = drawn_to(sampled, stated_u, pairs_count=pairs_count, opinion_pairs=limits.opinion_random_pairs)
    labels = [*(level.label for level in of.levels), DIFFERENT]
    return tuple(LevelShares(label, float(one), float(two)) for label, one, two in zip(labels, m, u, strict=True))


def _normalised(shares: list[float]) -> Numbers:
    given = np.array(shares)
    normalised: Numbers = given / given.sum()
    return normalised


def _compared(linkage: Linkage, shares: list[list[tuple[float, float]]]) -> ComparedPairs:
    """Return the levels of the training pairs, read off their weights, and the bits of rare values."""
    columns = {row[0] for row in linkage.connection.execute(f"describe {_TRAINING_PAIRS}").fetchall()}
    rare = [f"mw_tf_adj_{each.kind}" for each in linkage.comparisons if f"mw_tf_adj_{each.kind}" in columns]
    listed = [
        f"{level_sql(each, weights, otherwise=str(MISSING))} as {quote_identifier(each.kind)}"
        for each, weights in zip(linkage.comparisons, shares, strict=True)
    ]
    found = linkage.connection.execute(
        f"select {', '.join(listed)}, ({' + '.join(rare or ['0.0'])})::double as frequency_bits "
        f"from {_TRAINING_PAIRS} order by record_id_l, record_id_r"
    ).fetchnumpy()
    levels = [np.asarray(found[each.kind], dtype=np.int64) for each in linkage.comparisons]
    return ComparedPairs(levels, np.asarray(found["frequency_bits"], dtype=np.float64))


def level_sql(of: ComparisonOf, shares: list[tuple[float, float]], *, otherwise: str, told: bool = False) -> str:
    """Return the SQL that reads a pair's level off its weight: the level's number, or its words when told."""
    labels = [*(level.label for level in of.levels), DIFFERENT]
    weights = [float(np.log2(m / u)) for m, u in shares]
    cases = " ".join(
        f"when abs(mw_{of.kind} - ({weight!r})) < 1e-8 then {quote_literal(label) if told else index}"
        for index, (label, weight) in enumerate(zip(labels, weights, strict=True))
    )
    return f"case {cases} else {otherwise} end"


def _frequencies(linkage: Linkage) -> pa.Table:
    parts = [
        f"select {quote_literal(name)} as column_name, {quote_identifier(name)} as value, "
        f"count(*) / sum(count(*)) over () as share from {FRAME} "
        f"where {quote_identifier(name)} is not null group by {quote_identifier(name)}"
        for name in frequency_columns(linkage.comparisons)
    ]
    if not parts:
        return FREQUENCIES_SCHEMA.empty_table()
    found = linkage.connection.execute(f"{' union all '.join(parts)} order by column_name, value").to_arrow_table()
    return found.cast(FREQUENCIES_SCHEMA)


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute(f"select count(*) from {FRAME}").fetchone()
    return int(row[0]) if row else 0
