"""A linkage model from records alone: no labels, the same one for the same records.

Belongs here: the order of training. Does not belong here: scoring (`link`) and arithmetic (`expectation`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.identity.link import DIFFERENT, Linkage, level_shares, sampled_shares, score
from orchestration.identity.linkage.blocking import write_pairs
from orchestration.identity.linkage.comparisons import ComparisonOf, filled_column, frequency_columns
from orchestration.identity.linkage.expectation import (
    MISSING,
    ComparedPairs,
    FittedShares,
    Numbers,
    drawn_to,
    fitted_shares,
)
from orchestration.identity.linkage.frame import FRAME
from orchestration.identity.linkage.models import FREQUENCIES_SCHEMA, LevelShares, LinkageModel, settings_sha256

_PASSES = 2
_UNSEEN = 0.5


@dataclass(frozen=True)
class TrainingLimits:
    """How much training may cost, and what the stated shares weigh beside what was counted.

    Attributes:
        random_pairs: pairs compared at random at most, to see what two persons share.
        random_pairs_per_record: pairs compared at random for each record, where that is fewer.
        random_pairs_at_least: pairs compared at random for few records.
        blocked_pairs: pairs of the blocking rules that are compared, to see what one person's records share.
        at_least_bits: pairs below are taken for two persons.
        opinion_pairs: weight of the stated shares among pairs of one person.
        opinion_random_pairs: weight of the stated shares among pairs of two.
        moved_at_most: factor by which training may change a stated share among pairs of one person.
        matches_per_record: where the search for the share of matches begins.
    """

    random_pairs: int = 300_000
    random_pairs_per_record: int = 40
    random_pairs_at_least: int = 20_000
    blocked_pairs: int = 200_000
    at_least_bits: float = -20.0
    opinion_pairs: float = 30.0
    opinion_random_pairs: float = 200.0
    moved_at_most: float = 2.0
    matches_per_record: float = 0.7


def trained_model(
    linkage: Linkage, *, blocked_pairs_count: int, trained_on: date, limits: TrainingLimits
) -> LinkageModel:
    """Return the model that the blocked records of the linkage train; the stated one where they are too few for a pair.

    Args:
        linkage: records, comparisons and rules.
        blocked_pairs_count: pairs of all rules together, to take a part of them when they are many.
        trained_on: the night, for the model's age.
        limits: what training may cost.
    """
    records = _count(linkage.connection)
    possible = max(records * (records - 1) / 2, 1.0)
    prior = min(limits.matches_per_record * records / possible, 0.5)
    chunks = max(1, round(blocked_pairs_count / limits.blocked_pairs))
    can_train = bool(linkage.rules and linkage.comparisons)
    for_records = max(limits.random_pairs_at_least, limits.random_pairs_per_record * records)
    limits = replace(limits, random_pairs=min(limits.random_pairs, for_records))
    sampled = sampled_shares(linkage, pairs_at_most=limits.random_pairs) if can_train else {}
    filled = {each.kind: _filled_pairs(linkage.connection, each) for each in linkage.comparisons}
    matched = {each.kind: np.zeros(len(each.levels) + 1) for each in linkage.comparisons}
    model = LinkageModel(prior, {}, settings_sha256(linkage.comparisons), trained_on, records, _frequencies(linkage))
    compared: ComparedPairs | None = None
    for _ in range(_PASSES):
        before, shares = (
            model,
            {
                each.kind: _stated(each, sampled.get(each.kind, []), matched[each.kind], filled[each.kind], limits)
                for each in linkage.comparisons
            },
        )
        model = replace(model, shares=shares)
        if not can_train:
            break
        if compared is None:
            write_pairs(linkage.connection, linkage.rules, "linkage_to_train", one_in=chunks)
            weighed = score(linkage, model, records=FRAME, pairs="linkage_to_train", at_least=limits.at_least_bits)
            compared = _compared(linkage, model, quote_identifier(weighed))
        else:
            compared = _reweighed(compared, linkage.comparisons, before=before, now=model)
        fitted = _fitted(linkage, model, compared, pairs_possible=possible / chunks, limits=limits)
        matched = {
            each.kind: share * fitted.prior * filled[each.kind]
            for each, share in zip(linkage.comparisons, fitted.m, strict=True)
        }
        learnt = {
            each.kind: tuple(replace(level, m=float(m)) for level, m in zip(shares[each.kind], found, strict=True))
            for each, found in zip(linkage.comparisons, fitted.m, strict=True)
        }
        model = replace(model, shares=learnt, prior=fitted.prior)
    return model


def _stated(
    of: ComparisonOf, sampled: list[float | None], matched: Numbers, filled_pairs: float, limits: TrainingLimits
) -> tuple[LevelShares, ...]:
    """Return the shares before the search: of one person as stated, of two as sampled, less what was matched since."""
    m = _normalised([*(level.m for level in of.levels), of.different[0]])
    stated_u = _normalised([*(level.u for level in of.levels), of.different[1]])
    counted = np.array([share or 0.0 for share in sampled or [None] * len(m)]) * filled_pairs
    u = drawn_to(
        np.maximum(counted - matched, 0.0).tolist(),
        stated_u,
        pairs_count=min(filled_pairs, limits.random_pairs),
        opinion_pairs=limits.opinion_random_pairs,
    )
    labels = [*(level.label for level in of.levels), DIFFERENT]
    return tuple(LevelShares(label, float(one), float(two)) for label, one, two in zip(labels, m, u, strict=True))


def _fitted(
    linkage: Linkage, model: LinkageModel, compared: ComparedPairs, *, pairs_possible: float, limits: TrainingLimits
) -> FittedShares:
    shares = [level_shares(each, model) for each in linkage.comparisons]
    return fitted_shares(
        compared,
        stated_m=[np.array([m for m, _ in pairs]) for pairs in shares],
        u=[np.array([u for _, u in pairs]) for pairs in shares],
        prior=model.prior,
        pairs_possible=pairs_possible,
        opinion_pairs=limits.opinion_pairs,
        moved_at_most=limits.moved_at_most,
    )


def _filled_pairs(connection: duckdb.DuckDBPyConnection, of: ComparisonOf) -> float:
    """Return how many pairs of records have something to compare."""
    row = connection.execute(f"select count({quote_identifier(filled_column(of))}) from {FRAME}").fetchone()
    filled = int(row[0]) if row else 0
    return max(filled * (filled - 1) / 2, 1.0)


def _normalised(shares: list[float]) -> Numbers:
    given = np.array(shares)
    normalised: Numbers = given / given.sum()
    return normalised


def _compared(linkage: Linkage, model: LinkageModel, weighed: str) -> ComparedPairs:
    """Return the levels of the training pairs, read off their weights, and the bits of rare values."""
    shares = [level_shares(each, model) for each in linkage.comparisons]
    columns = {row[0] for row in linkage.connection.execute(f"describe {weighed}").fetchall()}
    rare = [f"mw_tf_adj_{each.kind}" for each in linkage.comparisons if f"mw_tf_adj_{each.kind}" in columns]
    listed = [
        f"{level_sql(each, weights, otherwise=str(MISSING))} as {quote_identifier(each.kind)}"
        for each, weights in zip(linkage.comparisons, shares, strict=True)
    ]
    found = linkage.connection.execute(
        f"select {', '.join(listed)}, ({' + '.join(rare or ['0.0'])})::double as frequency_bits "
        f"from {weighed} order by record_id_l, record_id_r"
    ).fetchnumpy()
    levels = [np.asarray(found[each.kind], dtype=np.int64) for each in linkage.comparisons]
    return ComparedPairs(levels, np.asarray(found["frequency_bits"], dtype=np.float64))


def _reweighed(
    compared: ComparedPairs, comparisons: Sequence[ComparisonOf], *, before: LinkageModel, now: LinkageModel
) -> ComparedPairs:
    """Return the pairs with the bits that rare values add to the shares of `now`, without comparing them again.

    A value that two records share adds log2(u / its frequency), u being the share of the level 'equal' of its column.
    """
    bits = compared.frequency_bits
    for of, levels in zip(comparisons, compared.levels, strict=True):
        equal = {level.frequency_column: index for index, level in enumerate(of.levels) if level.is_equality}
        added = np.zeros(len(of.levels) + 2)
        for index, level in enumerate(of.levels):
            if level.frequency_column is not None:
                told_by = equal[level.frequency_column]
                added[index] = np.log2(now.shares[of.kind][told_by].u / before.shares[of.kind][told_by].u)
        bits = bits + added[levels]
    return ComparedPairs(compared.levels, bits)


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
    """Return the share of each value among the records other than the two that are compared.

    Two records that share a value no third one has would otherwise make it look as common as two records are; half a
    record is added, as a value that no other record has is rare and not impossible (Krichevsky and Trofimov 1981).
    """
    parts = [
        f"select {quote_literal(name)} as column_name, {quote_identifier(name)} as value, "
        f"greatest(count(*) - 2 + {_UNSEEN}, {_UNSEEN}) / sum(count(*)) over () as share from {FRAME} "
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
