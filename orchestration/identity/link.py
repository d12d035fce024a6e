"""Pairs of records weighed by Splink: the only module that imports it.

Belongs here: Splink's settings, sampling and scoring on DuckDB. Does not belong here: which columns are compared how
(`linkage.comparisons`), which pairs are compared (`linkage.blocking`), and what follows of a score.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison

from orchestration.foundation.sql import quote_identifier
from orchestration.identity.linkage.blocking import BlockingRule
from orchestration.identity.linkage.comparisons import ComparisonOf, frequency_columns
from orchestration.identity.linkage.frame import FRAME
from orchestration.identity.linkage.models import LinkageModel

DIFFERENT = "different"
_SEED = 1
_NUDGE = 1e-7
_RAREST = 1e-6


@dataclass(frozen=True)
class Linkage:
    """What is linked and how: an open connection with the frame and its block keys, comparisons and blocking rules."""

    connection: duckdb.DuckDBPyConnection
    comparisons: tuple[ComparisonOf, ...]
    rules: tuple[BlockingRule, ...]


def sampled_shares(linkage: Linkage, *, pairs_at_most: int) -> dict[str, list[float | None]]:
    """Return by kind the shares of the levels among pairs taken at random, strongest first; None for one not seen."""
    ordered = "linkage_ordered"
    linkage.connection.execute(f"create or replace temp table {ordered} as from {FRAME} order by record_id")
    linker = _linker(linkage, None, DuckDBAPI(linkage.connection), records=ordered)
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs_at_most, seed=_SEED, num_chunks=1)
    comparisons: list[dict[str, Any]] = linker.misc.save_model_to_json()["comparisons"]
    return {
        str(comparison["output_column_name"]): [
            _share(level) for level in comparison["comparison_levels"] if not level.get("is_null_level")
        ]
        for comparison in comparisons
    }


def score(linkage: Linkage, model: LinkageModel, *, records: str, pairs: str, at_least: float | None = None) -> str:
    """Return the name of a table of the weighed pairs.

    Columns: `record_id_l`, `record_id_r`, `match_weight`, `match_probability`, `match_key` as it was given, and per
    kind `mw_<kind>` and, where values have frequencies, `mw_tf_adj_<kind>`, in bits.

    Args:
        linkage: connection and comparisons.
        model: shares, prior and frequencies.
        records: a table of the frame's columns that has all records of the pairs.
        pairs: a table of pairs: `join_key_l` < `join_key_r`, and `match_key`.
        at_least: match weight in bits, below which a pair is left out; None for all.
    """
    api = DuckDBAPI(linkage.connection)
    linker = _linker(linkage, model, api, records=records)
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    return linker.inference.predict(threshold_match_weight=at_least).physical_name


def _linker(linkage: Linkage, model: LinkageModel | None, api: DuckDBAPI, *, records: str) -> Linker:
    linker = Linker(api.register(records), _settings(linkage, model), log_level=None, validate_settings=False)
    if model is not None:
        linkage.connection.register("linkage_frequencies", model.frequencies)
        for index, column in enumerate(frequency_columns(linkage.comparisons)):
            table = f"linkage_frequencies_{index}"
            linkage.connection.execute(
                f"create or replace temp table {table} as select value as {quote_identifier(column)}, "
                f"share as {quote_identifier(f'tf_{column}')} from linkage_frequencies where column_name = ?",
                [column],
            )
            linker.table_management.register_term_frequency_lookup(api.register(table), column)
        linkage.connection.unregister("linkage_frequencies")
    return linker


def _settings(linkage: Linkage, model: LinkageModel | None) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[_comparison(each, model) for each in linkage.comparisons],
        blocking_rules_to_generate_predictions=[block_on("record_id")],
        probability_two_random_records_match=1e-4 if model is None else model.prior,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
        linker_uid="genome",
    )


def _comparison(of: ComparisonOf, model: LinkageModel | None) -> CustomComparison:
    shares = level_shares(of, model)
    levels: list[Any] = [CustomLevel(of.null_sql, "missing").configure(is_null_level=True)]
    for level, (m, u) in zip(of.levels, shares[:-1], strict=True):
        made = CustomLevel(level.sql, level.label)
        if level.frequency_column is None:
            levels.append(made.configure(m_probability=m, u_probability=u))
        else:
            levels.append(
                made.configure(
                    m_probability=m,
                    u_probability=u,
                    tf_adjustment_column=level.frequency_column,
                    tf_minimum_u_value=_RAREST,
                    disable_tf_exact_match_detection=level.is_equality,
                )
            )
    m, u = shares[-1]
    levels.append(ElseLevel().configure(m_probability=m, u_probability=u, label_for_charts=DIFFERENT))
    return CustomComparison(output_column_name=of.kind, comparison_levels=levels)


def level_shares(of: ComparisonOf, model: LinkageModel | None) -> list[tuple[float, float]]:
    """Return the shares of each level as they are used, strongest first, `different` last.

    Shares are nudged by ten millionths, so that no two levels of a comparison weigh the same: a weight tells its level.
    """
    if model is None:
        stated = [(level.m, level.u) for level in of.levels] + [of.different]
    else:
        stated = [(level.m, level.u) for level in model.shares[of.kind]]
    return [(m * (1 - _NUDGE * (index + 1)), u) for index, (m, u) in enumerate(stated)]


def _share(level: dict[str, Any]) -> float | None:
    share = level.get("u_probability")
    return share if isinstance(share, float) else None
