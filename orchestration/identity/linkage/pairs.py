"""From comparable records to weighed pairs with their evidence: the one run of linkage, whole or of a night.

Belongs here: the order of a run and the edges that it hands on. Does not belong here: what edges make of records
(`graph`), and reading files (`reading`).
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.identity.graph.tables import EDGES_SCHEMA
from orchestration.identity.link import Linkage, level_shares, score
from orchestration.identity.linkage.blocking import (
    LEFT_OUT,
    BlockingBudget,
    BlockingCount,
    changed_keys_sql,
    counted_rules,
    filled_columns,
    limited_rules,
    rules_of_persons,
    write_pairs,
)
from orchestration.identity.linkage.comparisons import comparisons_of
from orchestration.identity.linkage.frame import FRAME, MEMBERS
from orchestration.identity.linkage.models import LinkageModel, RetrainingRule, reason_to_retrain
from orchestration.identity.linkage.training import TrainingLimits, level_sql, trained_model
from orchestration.identity.ordered_rows import put_in_order

EQUAL_RECORDS = "all_values_equal"
"""The rule of edges between records that are equal in all that is compared."""
PRIORITY = 100
"""Probabilistic edges are believed after every deterministic one."""

PAIR_SCHEMA = EDGES_SCHEMA
"""One row per weighed pair, `record_id_left` < `record_id_right`, ordered by `PAIR_ORDER`.

`match_weight` is log2 of the odds that both are one person, prior included; `rule` the first blocking rule that found
the pair; `observed_on` the night; `evidence_json` a list of `{compared, level, bits}`.
"""

PAIR_ORDER = ("rule", "record_id_left", "record_id_right")

_PAIRS, _TWINS = "linkage_pairs", "linkage_twin_pairs"
_OF_TWINS = "twins"
_KEYS_SQL = f"select rule, block_key::varchar as block_key from {LEFT_OUT} order by rule, block_key"
_NEW_SQL = f"""
create or replace temp table linkage_new as
select members.record_id
from {MEMBERS} members
left join linkage_members_stored stored
    on stored.record_id = members.record_id
    and stored.representative_id = stored.record_id
    and stored.content_hash = members.content_hash
where members.representative_id = members.record_id and stored.record_id is null
"""
_NEW_TWINS_SQL = f"""
create or replace temp table linkage_twins_new as
select members.representative_id as record_id
from {MEMBERS} members
left join linkage_members_stored stored
    on members.record_id = stored.record_id
    and members.representative_id = stored.representative_id
    and members.content_hash = stored.content_hash
where members.representative_id <> members.record_id and stored.record_id is null
group by members.representative_id
"""
_ALL_TWINS_SQL = f"""
create or replace temp table linkage_twins_new as
select distinct representative_id as record_id
from {MEMBERS}
where representative_id <> record_id
"""
_TO_WEIGH_SQL = f"""
insert into linkage_to_weigh
select {quote_literal(_OF_TWINS)}, members.representative_id, min(members.record_id)
from {MEMBERS} members
join linkage_twins_new
    on members.representative_id = linkage_twins_new.record_id and members.record_id <> members.representative_id
group by members.representative_id;

create or replace temp view linkage_weighed_records as
select *
from {FRAME}
union all
select frame.* replace (twins.join_key_r as record_id)
from {FRAME} frame
join linkage_to_weigh twins
    on frame.record_id = twins.join_key_l and twins.match_key = {quote_literal(_OF_TWINS)};
"""
_TWIN_SQL = f"match_key = {quote_literal(_OF_TWINS)}"
_WEIGHED_AGAIN_SQL = f"""
select record_id
from linkage_new
union
select stored.record_id
from linkage_members_stored stored
left join {MEMBERS} members
    on stored.record_id = members.record_id and members.representative_id = members.record_id
where stored.representative_id = stored.record_id and members.record_id is null
"""
_OTHER_TWINS_SQL = f"""
select stored.record_id
from linkage_members_stored stored
left join {MEMBERS} members
    on stored.record_id = members.record_id and stored.representative_id = members.representative_id
where members.record_id is null
union
select members.record_id
from {MEMBERS} members
join linkage_twins_new
    on members.representative_id = linkage_twins_new.record_id
"""
_DATED_SQL = """
select found.* replace (coalesce(gone.observed_on, found.observed_on) as observed_on)
from found
left join gone
    on found.record_id_left = gone.record_id_left
    and found.record_id_right = gone.record_id_right
    and found.evidence_json = gone.evidence_json
order by found.rule, found.record_id_left, found.record_id_right
"""


@dataclass(frozen=True)
class LinkagePolicy:
    """What a run of linkage may cost, when it trains, and which pairs it hands on.

    Attributes:
        at_least_bits: pairs that weigh less are not handed on; what is handed on below zero speaks against a cluster.
        budget: of blocking.
        training: limits of training.
        retraining: when a stored model is trained again.
    """

    at_least_bits: float = -8.0
    budget: BlockingBudget = field(default_factory=BlockingBudget)
    training: TrainingLimits = field(default_factory=TrainingLimits)
    retraining: RetrainingRule = field(default_factory=RetrainingRule)


@dataclass(frozen=True)
class LinkedRecords:
    """What a run gave.

    Attributes:
        pairs: `PAIR_SCHEMA`.
        model: the one that weighed them.
        counts: of blocking.
        keys_left_out: lake table `identity/blocking_keys_left_out`.
        trained_because: why the model was trained; None when a stored one serves.
        gone: the stored pairs that do not stand any more, or were weighed again; None when all pairs were weighed, and
            not those of new and changed records only.
        found: the pairs that came in their place; None likewise.
    """

    pairs: pa.Table
    model: LinkageModel
    counts: tuple[BlockingCount, ...]
    keys_left_out: pa.Table
    trained_because: str | None
    gone: pa.Table | None = None
    found: pa.Table | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all pairs were weighed."""
        return self.found is None


def linked_records(
    connection: duckdb.DuckDBPyConnection, *, model: LinkageModel | None, as_of_on: date, policy: LinkagePolicy
) -> LinkedRecords:
    """Return all weighed pairs of the connection's frame, training a model when there is none that serves.

    Args:
        connection: holds the tables of `frame.build_frame`.
        model: the stored model, None on the first night.
        as_of_on: the night.
        policy: limits.
    """
    linkage, counts = _prepared(connection, policy)
    why = (
        "there is no model yet"
        if model is None
        else reason_to_retrain(
            model,
            linkage.comparisons,
            as_of_on=as_of_on,
            records_count=_count(connection, FRAME),
            rule=policy.retraining,
        )
    )
    if model is None or why is not None:
        of_persons = replace(linkage, rules=rules_of_persons(linkage.rules))
        names = {rule.name for rule in of_persons.rules}
        pairs = sum(count.pairs_count for count in counts if count.rule in names)
        model = trained_model(of_persons, blocked_pairs_count=pairs, trained_on=as_of_on, limits=policy.training)
    pairs_found = PAIR_SCHEMA.empty_table()
    if linkage.comparisons:
        connection.execute(_ALL_TWINS_SQL)
        pairs_found = _weighed(linkage, model, at_least=policy.at_least_bits, as_of_on=as_of_on)
    return LinkedRecords(pairs_found, model, counts, _keys_left_out(connection), why)


@dataclass(frozen=True)
class StoredLinkage:
    """What the night before left.

    Attributes:
        pairs: `PAIR_SCHEMA`.
        members: `frame.MEMBERS`.
        model: the one that weighed them.
        limited_rules: the blocking rules that did not run, or not with all their pairs, as `blocking.limited_rules`.
        keys_left_out: the block keys that were too common, lake table `identity/blocking_keys_left_out`.
    """

    pairs: pa.Table
    members: pa.Table
    model: LinkageModel
    limited_rules: frozenset[tuple[str, bool]]
    keys_left_out: pa.Table


def linked_new_records(
    connection: duckdb.DuckDBPyConnection, stored: StoredLinkage, *, as_of_on: date, policy: LinkagePolicy
) -> LinkedRecords:
    """Return all pairs after weighing only those of records that are new, changed or newly stand for others.

    The pairs are those that `linked_records` gives with the same model, each as of the night that found it so. A block
    key that became too common, or ceased to be, has all its records weighed again. When a rule begins or ceases to be
    refused or narrowed, or the model has to be trained again, all is weighed anew.

    Args:
        connection: holds the tables of `frame.build_frame`, of all records as they are now.
        stored: the night before.
        as_of_on: the night.
        policy: limits.
    """
    linkage, counts = _prepared(connection, policy)
    records = _count(connection, FRAME)
    why = reason_to_retrain(
        stored.model, linkage.comparisons, as_of_on=as_of_on, records_count=records, rule=policy.retraining
    )
    if why is not None or limited_rules(counts) != stored.limited_rules:
        return linked_records(connection, model=stored.model, as_of_on=as_of_on, policy=policy)
    connection.register("linkage_members_stored", stored.members)
    connection.register("linkage_keys_left_out_stored", stored.keys_left_out)
    connection.execute(_NEW_SQL)
    for statement in changed_keys_sql(connection, "linkage_keys_left_out_stored"):
        connection.execute(f"insert into linkage_new {statement} and record_id not in (from linkage_new)")
    connection.execute(_NEW_TWINS_SQL)
    connection.unregister("linkage_keys_left_out_stored")
    is_gone = _is_gone(connection, stored.pairs)
    connection.unregister("linkage_members_stored")
    kept, gone = stored.pairs.filter(pc.invert(is_gone)), stored.pairs.filter(is_gone)
    found = _weighed(linkage, stored.model, at_least=policy.at_least_bits, as_of_on=as_of_on, of="linkage_new")
    found = _dated(connection, found, gone)
    pairs = put_in_order(kept, found, by=PAIR_ORDER)
    return LinkedRecords(pairs, stored.model, counts, _keys_left_out(connection), None, gone, found)


def _is_gone(connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> "pa.ChunkedArray[Any]":
    """Return for each stored pair whether it is weighed again, or a record of it does not stand for itself any more."""
    again, twins = (
        connection.execute(sql).to_arrow_table()["record_id"].combine_chunks()
        for sql in (_WEIGHED_AGAIN_SQL, _OTHER_TWINS_SQL)
    )
    left, right = pairs["record_id_left"], pairs["record_id_right"]
    found: pa.ChunkedArray[Any] = pc.if_else(
        pc.is_in(pairs["rule"], value_set=pa.array([EQUAL_RECORDS])),
        pc.is_in(right, value_set=twins),
        pc.or_(pc.is_in(left, value_set=again), pc.is_in(right, value_set=again)),
    )
    return found


def _dated(connection: duckdb.DuckDBPyConnection, found: pa.Table, gone: pa.Table) -> pa.Table:
    """Return the pairs found, each that says what it said before with the night that found it first."""
    connection.register("found", found)
    connection.register("gone", gone)
    dated = connection.execute(_DATED_SQL).to_arrow_table().cast(PAIR_SCHEMA)
    connection.unregister("found")
    connection.unregister("gone")
    return dated


def _weighed(
    linkage: Linkage, model: LinkageModel, *, at_least: float, as_of_on: date, of: str | None = None
) -> pa.Table:
    """Return the weighed pairs of a table's records, or of all, and of the twins of those of `linkage_twins_new`."""
    connection, to_weigh = linkage.connection, "linkage_to_weigh"
    write_pairs(connection, linkage.rules, to_weigh, of=of)
    connection.execute(_TO_WEIGH_SQL)
    if not _count(connection, to_weigh):
        return PAIR_SCHEMA.empty_table()
    weighed = quote_identifier(score(linkage, model, records="linkage_weighed_records", pairs=to_weigh))
    for into, condition in ((_TWINS, _TWIN_SQL), (_PAIRS, f"not {_TWIN_SQL} and match_weight >= {at_least}")):
        connection.execute(f"create or replace table {into} as select * from {weighed} where {condition}")
    return _pairs(linkage, model, as_of_on)


def _keys_left_out(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    return connection.execute(_KEYS_SQL).to_arrow_table()


def _prepared(
    connection: duckdb.DuckDBPyConnection, policy: LinkagePolicy
) -> tuple[Linkage, tuple[BlockingCount, ...]]:
    filled = filled_columns(connection)
    rules, counts = counted_rules(connection, filled, policy.budget)
    return Linkage(connection, comparisons_of(filled), rules), counts


def _pairs(linkage: Linkage, model: LinkageModel, as_of_on: date) -> pa.Table:
    names = f"[{', '.join(quote_literal(rule.name) for rule in linkage.rules)}]::varchar[]"
    evidence = _evidence_sql(linkage, model)
    found = linkage.connection.execute(
        f"""
        with weighed as (
            select
                record_id_l, record_id_r, list_extract({names}, match_key::int + 1) as rule, match_weight,
                match_probability, {evidence} as evidence_json
            from {_PAIRS}
            union all
            select
                members.representative_id, members.record_id, {quote_literal(EQUAL_RECORDS)}, twins.match_weight,
                twins.match_probability, {evidence}
            from {_TWINS} twins
            join {MEMBERS} members
                on members.representative_id = twins.record_id_l and members.record_id <> members.representative_id
        )

        select
            least(record_id_l, record_id_r) as record_id_left,
            greatest(record_id_l, record_id_r) as record_id_right,
            'probabilistic' as edge_kind,
            rule,
            null::varchar as identifier_hash,
            {PRIORITY}::bigint as priority,
            match_weight,
            match_probability,
            ?::date as observed_on,
            evidence_json,
            ? as model_id
        from weighed
        order by rule, record_id_left, record_id_right
        """,
        [as_of_on, model.model_id],
    ).to_arrow_table()
    return found.select(PAIR_SCHEMA.names).cast(PAIR_SCHEMA)


def _evidence_sql(linkage: Linkage, model: LinkageModel) -> str:
    """Return the SQL of the evidence: per compared kind the level's words and its bits, rare values included."""
    rare = {row[0] for row in linkage.connection.execute(f"describe {_PAIRS}").fetchall()}
    parts = []
    for each in linkage.comparisons:
        words = level_sql(each, level_shares(each, model), otherwise="null", told=True)
        bits = f"mw_{each.kind}" + (f" + mw_tf_adj_{each.kind}" if f"mw_tf_adj_{each.kind}" in rare else "")
        parts.append(f"{{compared: {quote_literal(each.kind)}, level: {words}, bits: round({bits}, 2)}}")
    compared = f"list_filter([{', '.join(parts)}], lambda part: part.level is not null)"
    return f"to_json({compared})"


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
