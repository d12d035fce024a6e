"""The id of each customer over the nights: kept as long as most of its records stay together, and never given anew.

Belongs here: the matching of tonight's clusters with the ids of the nights before, the events that tell what became of
an id, and what an old id stands for today. Does not belong here: which records are one person (`graph`).
"""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from orchestration.foundation.connections import in_memory
from orchestration.foundation.lake_tables import LAKE_TABLES

HISTORY_SCHEMA = LAKE_TABLES["identity/customer_records_history"].schema
LINEAGE_SCHEMA = LAKE_TABLES["identity/customer_id_lineage"].schema

_BEFORE_SQL = """
create temp table history_before as
select record_id, customer_id, valid_from_on, nullif(valid_to_on, if(valid_to_on >= $night, valid_to_on, null))
    as valid_to_on
from history_given
where valid_from_on < $night;

create temp table lineage_before as
select *
from lineage_given
where as_of_on < $night
"""
_MEMBERS_SQL = """
create temp table members as
select
    clusters_given.record_id,
    clusters_given.cluster_record_id,
    history_before.customer_id as customer_id_before
from clusters_given
left join history_before
    on clusters_given.record_id = history_before.record_id and history_before.valid_to_on is null;

create temp table customers_before as
select
    customer_id,
    min(valid_from_on) as first_on,
    max(valid_to_on) as last_on,
    count(*) filter (valid_to_on is null) as records_count_before
from history_before
group by customer_id
"""
_CLAIMS_SQL = """
create temp table claims as
with last_members as (
    select
        customer_id,
        members.cluster_record_id,
        first_on,
        last_on,
        count(*) over (partition by customer_id) as members_count
    from customers_before
    join history_before
        using (customer_id)
    join members
        on history_before.record_id = members.record_id
    where records_count_before = 0 and valid_to_on = last_on
)

select
    customer_id,
    cluster_record_id,
    any_value(first_on) as first_on,
    any_value(last_on) as last_on,
    count(*) as records_count
from last_members
group by customer_id, cluster_record_id
having 2 * count(*) >= any_value(members_count)
"""
_SHARES_SQL = """
create temp table shares as
with first_claims as (
    select members.customer_id_before as customer_id, min(claims.last_on) as claimed_on
    from claims
    join members
        using (cluster_record_id)
    group by members.customer_id_before
),

shares_counted as (
    select
        members.cluster_record_id,
        history_before.customer_id,
        count(*) as records_count,
        count(*) filter (claimed_on is null or valid_from_on < claimed_on) as former_records_count
    from members
    join history_before
        on members.record_id = history_before.record_id and history_before.valid_to_on is null
    left join first_claims
        using (customer_id)
    group by members.cluster_record_id, history_before.customer_id
)

select
    shares_counted.*,
    records_count_before,
    row_number() over (
        partition by cluster_record_id order by records_count desc, first_on, customer_id
    ) as place_in_cluster,
    row_number() over (
        partition by customer_id order by former_records_count desc, records_count desc, cluster_record_id
    ) as place_of_customer
from shares_counted
join customers_before
    using (customer_id)
"""
_RETURNING_SQL = """
create temp table returning_customers as
select cluster_record_id, customer_id
from claims
where cluster_record_id not in (
    select cluster_record_id
    from shares
    where place_in_cluster = 1 and place_of_customer = 1
)
qualify
    row_number() over (partition by cluster_record_id order by records_count desc, first_on, customer_id) = 1
    and row_number() over (partition by customer_id order by records_count desc, cluster_record_id) = 1
"""
_NAMED_SQL = """
create temp table named_clusters as
with clusters_counted as (
    select cluster_record_id, count(*) as records_count
    from members
    group by cluster_record_id
),

ids_derived as (
    select cluster_record_id, 'c_' || left(sha256(cluster_record_id), 20) as customer_id
    from clusters_counted
)

select
    cluster_record_id,
    clusters_counted.records_count,
    mains.customer_id as customer_id_before,
    coalesce(mains.place_of_customer = 1, false) as is_kept,
    not is_kept and returning_customers.customer_id is null as is_born,
    case
        when is_kept then mains.customer_id
        when returning_customers.customer_id is not null then returning_customers.customer_id
        when ids_derived.customer_id not in (select customer_id from history_before) then ids_derived.customer_id
        else 'c_' || left(sha256(cluster_record_id || '|' || $night::varchar), 20)
    end as customer_id,
    is_kept
    and clusters_counted.records_count = mains.records_count
    and clusters_counted.records_count = mains.records_count_before as is_unchanged
from clusters_counted
join ids_derived using (cluster_record_id)
left join shares as mains
    on clusters_counted.cluster_record_id = mains.cluster_record_id and mains.place_in_cluster = 1
left join returning_customers using (cluster_record_id);

create temp table decided as
select
    decision,
    ones.cluster_record_id as one_cluster,
    others.cluster_record_id as other_cluster,
    ones.customer_id_before as one_customer_id,
    others.customer_id_before as other_customer_id
from (
    select record_id_left as one, record_id_right as other, decision from decisions_given
    union
    select record_id_right, record_id_left, decision from decisions_given
) as turned
join members as ones on turned.one = ones.record_id
join members as others on turned.other = others.record_id
"""
_EVENTS_SQL = """
with born as (
    select customer_id, 'born' as event, null as other_customer_id, records_count,
        if(customer_id_before is null, 'new_record', 'split') as cause
    from named_clusters
    where is_born
),

kept as (
    select customer_id, 'kept' as event, null as other_customer_id, records_count, 'records_changed' as cause
    from named_clusters
    where is_kept and not is_unchanged
),

split_from as (
    select customer_id, 'split_from' as event, customer_id_before as other_customer_id, records_count,
        if(exists (
            from decided
            where decision = 'cannot_link' and one_cluster = cluster_record_id and other_cluster <> one_cluster
                and decided.other_customer_id = customer_id_before
        ), 'cannot_link', 'evidence_changed') as cause
    from named_clusters
    where not is_kept and customer_id_before is not null
),

gone as (
    select customer_id, count(*) as records_count
    from history_before
    where valid_to_on is null and customer_id not in (select customer_id from named_clusters)
    group by customer_id
),

merged_into as (
    select gone.customer_id,
        if(named_clusters.customer_id is null, 'ended', 'merged_into') as event,
        named_clusters.customer_id as other_customer_id,
        gone.records_count,
        case
            when named_clusters.customer_id is null then 'records_removed'
            when exists (
                from decided
                where decision = 'must_link' and one_customer_id = gone.customer_id
                    and decided.other_customer_id <> gone.customer_id and one_cluster = other_cluster
            ) then 'must_link'
            when exists (
                from members
                where members.cluster_record_id = shares.cluster_record_id and customer_id_before is null
            ) then 'new_record'
            else 'evidence_changed'
        end as cause
    from gone
    left join shares
        on gone.customer_id = shares.customer_id and shares.place_of_customer = 1
    left join named_clusters
        on shares.cluster_record_id = named_clusters.cluster_record_id
)

select as_of_on, customer_id, event, other_customer_id, cause, records_count
from lineage_before
union all
select $night::date, customer_id, event, other_customer_id, cause, records_count
from (from born union all by name from kept union all by name from split_from union all by name from merged_into)
order by as_of_on, customer_id, event, other_customer_id
"""
_HISTORY_SQL = """
with assigned as (
    select members.record_id, named_clusters.customer_id, members.customer_id_before
    from members
    join named_clusters using (cluster_record_id)
)

select
    history_before.record_id,
    history_before.customer_id,
    valid_from_on,
    if(
        valid_to_on is null and assigned.customer_id is distinct from history_before.customer_id,
        $night::date,
        valid_to_on
    ) as valid_to_on
from history_before
left join assigned using (record_id)
union all
select record_id, customer_id, $night::date, null
from assigned
where customer_id is distinct from customer_id_before
order by record_id, valid_from_on, customer_id
"""
_RESOLVED_SQL = """
with recursive customers as (
    select customer_id, count(*) filter (valid_to_on is null) > 0 as is_current
    from history_given
    group by customer_id
),

last_events as (
    select lineage_given.customer_id, other_customer_id
    from lineage_given
    join customers using (customer_id)
    where event in ('merged_into', 'ended') and not is_current
    qualify row_number() over (partition by lineage_given.customer_id order by as_of_on desc) = 1
),

steps as (
    select customer_id, customer_id as stands_for
    from customers
    union all
    select steps.customer_id, last_events.other_customer_id
    from steps
    join last_events
        on steps.stands_for = last_events.customer_id
    where last_events.other_customer_id is not null
)

select steps.customer_id, max(if(customers.is_current, stands_for, null)) as resolved_customer_id
from steps
join customers
    on steps.stands_for = customers.customer_id
group by steps.customer_id
order by steps.customer_id
"""


@dataclass(frozen=True)
class IdentityState:
    """What the nights so far decided.

    Attributes:
        history: one row per record and customer for the nights from `valid_from_on` until before `valid_to_on` (null:
            still), ordered by record and night.
        lineage: one row per event of a customer's id: `born`, `kept` (its records changed), `merged_into` and
            `split_from` another customer, `ended` (its records are gone), with the night and the cause (`new_record`,
            `records_changed`, `split`, `must_link`, `cannot_link`, `evidence_changed`, `records_removed`).
    """

    history: pa.Table
    lineage: pa.Table

    @classmethod
    def empty(cls) -> "IdentityState":
        """Return the state before the first night."""
        return cls(HISTORY_SCHEMA.empty_table(), LINEAGE_SCHEMA.empty_table())


def after_night(state: IdentityState, clusters: pa.Table, *, decisions: pa.Table, as_of_on: date) -> IdentityState:
    """Return the state with the ids of this night's clusters.

    A customer's id stays with the cluster that holds most of its records (of equals, the one with the smallest record),
    unless most records of that cluster come from another customer (of equals, the one known longest). A retired id has
    a claim on a cluster that holds at least half of the records that it had last; then those records of a customer
    count that were its own before that one was retired. A cluster that keeps no id takes the retired one with a claim
    on it, so that an undone merge gives both ids back, whatever came in between. A cluster that has neither gets `c_`
    and 20 hex digits of the sha256 of its smallest record, or of that and the night when this id was given before.

    What the state holds of this night and later ones is replaced, so that running a night again changes nothing.

    Args:
        state: what the nights before left.
        clusters: columns `record_id` (unique), `cluster_record_id` (the smallest of its cluster).
        decisions: columns `record_id_left`, `record_id_right`, `decision`; they are told as causes, no more.
        as_of_on: the night.

    Example:
        >>> one = pa.table({"record_id": ["a", "b"], "cluster_record_id": ["a", "a"]})
        >>> names = ("record_id_left", "record_id_right", "decision")
        >>> none = pa.table({name: pa.array([], pa.string()) for name in names})
        >>> state = after_night(IdentityState.empty(), one, decisions=none, as_of_on=date(2026, 6, 30))
        >>> state.lineage["event"].to_pylist(), state.history.num_rows
        (['born'], 2)
    """
    night = {"night": as_of_on}
    with in_memory() as connection:
        connection.register("history_given", state.history)
        connection.register("lineage_given", state.lineage)
        connection.register("clusters_given", clusters)
        connection.register("decisions_given", decisions)
        for script in (_BEFORE_SQL, _MEMBERS_SQL, _CLAIMS_SQL, _SHARES_SQL, _RETURNING_SQL, _NAMED_SQL):
            for statement in script.split(";"):
                connection.execute(statement, night if "$night" in statement else None)
        lineage = connection.execute(_EVENTS_SQL, night).to_arrow_table()
        history = connection.execute(_HISTORY_SQL, night).to_arrow_table()
    return IdentityState(history.cast(HISTORY_SCHEMA), lineage.cast(LINEAGE_SCHEMA))


def assignments_of(state: IdentityState) -> pa.Table:
    """Return the present customer of each record: `record_id`, `customer_id`, ordered by record."""
    with in_memory() as connection:
        connection.register("history_given", state.history)
        return connection.execute(
            "select record_id, customer_id from history_given where valid_to_on is null order by record_id"
        ).to_arrow_table()


def resolved_ids(state: IdentityState) -> pa.Table:
    """Return what each id that was ever given stands for today.

    Returns:
        `customer_id`, `resolved_customer_id`: itself while it is in use, else the customer it was merged into, through
        as many merges as there were; null when its records are gone. Ordered by `customer_id`.
    """
    with in_memory() as connection:
        connection.register("history_given", state.history)
        connection.register("lineage_given", state.lineage)
        return connection.execute(_RESOLVED_SQL).to_arrow_table()
