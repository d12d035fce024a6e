"""What a night's clusters measure: sizes, labels, suspects, drift, refusals, each with its limit where it has one.

Belongs here: the rows of the agreement report. Does not belong here: reading the lake (`report`) and plots.

A truth is not among the measures: only the sample company and the sets of `genome identity benchmark` have one, and
nothing that runs a night may read it. Labels are the decisions that people made about pairs of records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from orchestration.foundation.identity_policy import AgreementPolicy
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.agreement.drift import drift_of_model
from orchestration.identity.graph.clustering import ClusteringRules, clustered
from orchestration.identity.graph.numbering import RecordGraph

AGREEMENT_SCHEMA = LAKE_TABLES["identity/agreement"].schema


@dataclass(frozen=True)
class Measure:
    """One row of the report.

    Attributes:
        measure: what is measured.
        subject: of what: a rule, a bucket, a source; `all` where there is one.
        value: the figure; None where it cannot be told.
        limit_value: the highest value without suspicion; None where there is none.
        reason_text: what there is to know beside the figure.
    """

    measure: str
    subject: str
    value: float | None
    limit_value: float | None = None
    reason_text: str | None = None


_COUNTED_SQL = """
with customers as (
    select customer_id, count(*) as records_count
    from lake_identity.customer_records
    group by customer_id
),

buckets as (
    select * from (values (1, 1, '1'), (2, 2, '2'), (3, 5, '3-5'), (6, 10, '6-10'), (11, 20, '11-20'),
        (21, 50, '21-50'), (51, null, '51 and more')) as t(from_count, to_count, bucket)
),

measures as (
    select 1 as place, 'customers' as measure, 'all' as subject, count(*) as value, null as reason_text from customers
    union all
    select 2, 'records', 'all', coalesce(sum(records_count), 0), null from customers
    union all
    select 3, 'largest_customer_records', 'all', coalesce(max(records_count), 0), null from customers
    union all
    select 10 + from_count, 'customers_of_size', bucket, count(customer_id), null
    from buckets
    left join customers
        on records_count between from_count and coalesce(to_count, records_count)
    group by from_count, bucket
    union all
    select 100, 'records_linked_by', coalesce(cluster_rule, 'not told'), count(*), null
    from lake_identity.customer_records
    group by cluster_rule
    union all
    select 101, 'cut_by_guard', guard || ': ' || reason_code, count(*), null
    from lake_identity.review_queue
    group by guard, reason_code
    union all
    select 102, suspect_type || '_suspects', reason_code, count(*), null
    from suspects_given
    group by suspect_type, reason_code
    union all
    select
        103,
        'unlinkable_records',
        split_part(record_id, ':', 1),
        count(*) filter (not has_identifier and comparable_count < $comparable_at_least),
        null
    from comparable_given
    group by split_part(record_id, ':', 1)
    union all
    select 104, 'blocking_pairs', rule, pairs_count, refusal from lake_identity.blocking_counts where refusal is null
    union all
    select 105, 'blocking_refused_pairs', rule, pairs_count, refusal
    from lake_identity.blocking_counts
    where refusal is not null
    union all
    select 106, 'blocking_keys_left_out', rule, keys_left_out_count, null
    from lake_identity.blocking_counts
    where keys_left_out_count > 0
)

select measure, subject, value::double as value, reason_text
from measures
order by place, measure, subject
"""
_LABELLED_PARTS_SQL = {
    "records": "select record_id from labelled_components",
    "edges": """
        select edges.*
        from lake_identity.edges as edges
        semi join labelled_components as lefts
            on edges.record_id_left = lefts.record_id
        semi join labelled_components as rights
            on edges.record_id_right = rights.record_id
    """,
    "attributes": "select * from lake_identity.attributes semi join labelled_components using (record_id)",
    "decisions": "select * from lake_identity.link_decisions where false",
}
_LABELLED_COMPONENTS_SQL = """
create or replace temp table labelled_components as
with ends as (
    select record_id_left as record_id from lake_identity.link_decisions
    union
    select record_id_right from lake_identity.link_decisions
),

components as (
    select distinct component_record_id
    from lake_identity.customer_records
    semi join ends
        using (record_id)
)

select record_id
from lake_identity.customer_records
semi join components
    using (component_record_id)
"""
_VERDICTS_SQL = """
select
    count(*) filter (decision = 'must_link' and is_one) as found,
    count(*) filter (decision = 'must_link' and not is_one) as missed,
    count(*) filter (decision = 'cannot_link' and is_one) as wrong,
    count(*) filter (decision = 'cannot_link' and not is_one) as kept_apart
from (
    select decisions.decision, lefts.cluster_record_id = rights.cluster_record_id as is_one
    from lake_identity.link_decisions as decisions
    join evidence_alone as lefts
        on decisions.record_id_left = lefts.record_id
    join evidence_alone as rights
        on decisions.record_id_right = rights.record_id
)
"""
_MODEL_SQL = """
select model_id, shares_json, trained_because, as_of_on
from lake_identity.models
where as_of_on <= ?
order by as_of_on desc, model_id
limit 1
"""


def measures_of(  # noqa: PLR0913 - what a night is measured by
    connection: duckdb.DuckDBPyConnection,
    *,
    suspects: pa.Table,
    comparable: pa.Table,
    rules: ClusteringRules,
    limits: AgreementPolicy,
    as_of_on: date,
) -> tuple[Measure, ...]:
    """Return the measures of the night, in a fixed order.

    Args:
        connection: sees the identity tables of the night in the schema `lake_identity`.
        suspects: `suspects.SUSPECTS_SCHEMA`.
        comparable: one row per record: `record_id`, `comparable_count` of filled attributes, `has_identifier`.
        rules: what the night's guards went by.
        limits: from where on a measure is a suspicion.
        as_of_on: the night.
    """
    return (
        *_counted(connection, suspects, comparable, rules, limits),
        *_of_labels(connection, rules, as_of_on),
        *_of_model(connection, limits, as_of_on),
    )


def as_rows(measures: Sequence[Measure], *, as_of_on: date, run_id: str) -> pa.Table:
    """Return the measures as the lake keeps them (`AGREEMENT_SCHEMA`), in their order."""
    rows = [{**vars(each), "as_of_on": as_of_on, "_run_id": run_id} for each in measures]
    return pa.Table.from_pylist(rows, schema=AGREEMENT_SCHEMA)


def _counted(
    connection: duckdb.DuckDBPyConnection,
    suspects: pa.Table,
    comparable: pa.Table,
    rules: ClusteringRules,
    limits: AgreementPolicy,
) -> Iterator[Measure]:
    connection.register("suspects_given", suspects)
    connection.register("comparable_given", comparable)
    stated = {"largest_customer_records": float(rules.max_records_per_customer), "blocking_refused_pairs": 0.0}
    found = connection.execute(_COUNTED_SQL, {"comparable_at_least": limits.comparable_at_least}).fetchall()
    for measure, subject, value, reason_text in found:
        yield Measure(measure, subject, value, stated.get(measure), reason_text)
    for name in ("suspects_given", "comparable_given"):
        connection.unregister(name)


def _of_labels(connection: duckdb.DuckDBPyConnection, rules: ClusteringRules, as_of_on: date) -> Iterator[Measure]:
    """Yield how far the evidence alone, clustered without any decision, says what people decided.

    People decide about doubtful pairs, so that these shares are those of doubtful pairs and not of all.
    """
    connection.execute(_LABELLED_COMPONENTS_SQL)
    part = RecordGraph(**{name: connection.execute(sql).to_arrow_table() for name, sql in _LABELLED_PARTS_SQL.items()})
    connection.register("evidence_alone", clustered(part, rules=rules, as_of_on=as_of_on).assignments)
    found, missed, wrong, kept_apart = connection.execute(_VERDICTS_SQL).fetchall()[0]
    connection.unregister("evidence_alone")
    told = f"{found} found and {missed} missed of must_link; {wrong} joined and {kept_apart} kept apart of cannot_link"
    yield Measure("labelled_pairs", "must_link", float(found + missed))
    yield Measure("labelled_pairs", "cannot_link", float(wrong + kept_apart))
    yield Measure("label_precision", "all", found / (found + wrong) if found + wrong else None, reason_text=told)
    yield Measure("label_recall", "all", found / (found + missed) if found + missed else None, reason_text=told)


def _of_model(connection: duckdb.DuckDBPyConnection, limits: AgreementPolicy, as_of_on: date) -> Iterator[Measure]:
    row = connection.execute(_MODEL_SQL, [as_of_on]).fetchone()
    if row is None:
        return
    model_id, shares_json, trained_because, trained_on = row
    yield Measure("model_age_days", model_id, float((as_of_on - trained_on).days), reason_text=trained_because)
    drifts = drift_of_model(
        connection, model_id=model_id, shares_json=shares_json, trained_on=trained_on, as_of_on=as_of_on
    )
    for drift in drifts:
        has_enough = drift.pairs_count >= limits.drift_pairs_at_least
        yield Measure(
            "weight_drift",
            drift.kind,
            drift.stability_index,
            limits.stability_index if has_enough else None,
            f"read from {drift.pairs_count:,.0f} pairs",
        )
    for level in (level for drift in drifts for level in drift.shares):
        yield Measure("level_share", level.subject, level.share)
