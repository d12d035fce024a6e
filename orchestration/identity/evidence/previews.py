"""What a decision that is not written yet would change: which customers, and what that means for them.

Belongs here: the customers as they are and as they would be. Does not belong here: the decision's file, and the words.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from orchestration.identity.evidence.effects import CustomerEffect, effects
from orchestration.identity.evidence.stored import Named, reached_components
from orchestration.identity.graph.clustering import ClusteringRules, Clusters
from orchestration.identity.graph.paths import previewed
from orchestration.identity.graph.tables import REVIEW_SCHEMA
from orchestration.identity.persistent_ids import IdentityState, after_night, assignments_of

WITHDRAWN = "withdrawn"
"""What stands in the place of a decision that is taken out: it binds nobody."""

_INVOLVED_SQL = """
create or replace temp table involved as
with customers_ever as (
    select customer_id
    from lake_identity.customer_records_history
    semi join changed using (record_id)
    group by customer_id
),

customers_reached as (
    select customer_id from customers_ever
    union
    select customer_id
    from lake_identity.customer_records
    where record_id in (
        select record_id from lake_identity.customer_records_history semi join customers_ever using (customer_id)
    )
)

select records.record_id, coalesce(changed.cluster_record_id, records.cluster_record_id) as cluster_record_id
from lake_identity.customer_records as records
semi join customers_reached using (customer_id)
left join changed using (record_id)
"""
_HISTORY_SQL = """
select *
from lake_identity.customer_records_history
where
    record_id in (select record_id from involved)
    or customer_id in (
        select customer_id from lake_identity.customer_records_history semi join changed using (record_id)
    )
"""
_BEFORE_SQL = """
select record_id, customer_id
from lake_identity.customer_records
semi join changed using (record_id)
"""
_LAST_SQL = "select max(as_of_on) from lake_identity.customer_id_lineage"
_AFTER_SQL = "select record_id, customer_id from named semi join changed using (record_id)"


@dataclass(frozen=True)
class Trial:
    """A decision to try.

    Attributes:
        pair: the two records.
        decision: `must_link`, `cannot_link` or `withdrawn`.
        decisions: columns `record_id_left`, `record_id_right`, `decision`: all that are stated today.
        as_of_on: the first night that would know of it.
    """

    pair: tuple[Named, Named]
    decision: str
    decisions: pa.Table
    as_of_on: date


@dataclass(frozen=True)
class Preview:
    """The customers that would change, as the last night left them and as the next one would make them."""

    before: tuple[CustomerEffect, ...]
    after: tuple[CustomerEffect, ...]


def decision_previewed(
    stored: duckdb.DuckDBPyConnection, warehouse: duckdb.DuckDBPyConnection, trial: Trial, *, rules: ClusteringRules
) -> Preview:
    """Return what the next night would make of a decision, if nothing else arrives.

    Decisions that are stated and that no night has seen yet are in the preview too, where they touch the same records.

    Args:
        stored: `stored.stored_identity`.
        warehouse: an open connection to the warehouse of the last night.
        trial: the decision.
        rules: what the guards go by.

    Raises:
        DecisionsContradicted: the decision forbids what others demand, or demands what they forbid.
    """
    one, other = sorted(named.record_id for named in trial.pair)
    tried = pa.table({"record_id_left": [one], "record_id_right": [other], "decision": [trial.decision]})
    known = pa.concat_tables([trial.decisions.select(tried.column_names), tried])
    graph, assigned = reached_components(stored, trial.pair, known)
    before = Clusters(
        assigned.select(["record_id", "cluster_record_id", "component_record_id"]), REVIEW_SCHEMA.empty_table()
    )
    changed = previewed(graph, tried, before=before, rules=rules, as_of_on=trial.as_of_on)
    stored.register("changed", changed)
    old = stored.execute(_BEFORE_SQL).to_arrow_table()
    stored.register("named", _named(stored, known, as_of_on=trial.as_of_on))
    new = stored.execute(_AFTER_SQL).to_arrow_table()
    for name in ("named", "changed"):
        stored.unregister(name)
    regrouped = old.select(["customer_id"])
    return Preview(effects(warehouse, old, regrouped=regrouped), effects(warehouse, new, regrouped=regrouped))


def next_night(stored: duckdb.DuckDBPyConnection, decided_on: date) -> date:
    """Return the first night that is still to come and knows of what is decided on a day."""
    [(last,)] = stored.execute(_LAST_SQL).fetchall()
    return decided_on if last is None else max(decided_on, last + timedelta(days=1))


def _named(stored: duckdb.DuckDBPyConnection, decisions: pa.Table, *, as_of_on: date) -> pa.Table:
    """Return the customer that each record of the changed clusters would have.

    It is the night's own way to an id, over all records that may have a say in it: those of the changed clusters, and
    those that ever shared a customer with them.
    """
    stored.execute(_INVOLVED_SQL)
    history = stored.execute(_HISTORY_SQL).to_arrow_table()
    clusters = stored.execute("from involved").to_arrow_table()
    state = IdentityState(history, IdentityState.empty().lineage)
    return assignments_of(after_night(state, clusters, decisions=decisions, as_of_on=as_of_on))
