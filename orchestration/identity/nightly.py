"""A night of identity: what dbt observed of all records in, customers with ids that last and their evidence out.

Belongs here: the order of the steps, and what of the night before is built upon. Does not belong here: the steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.connections import DuckdbLimits, in_memory
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.policies import Policies
from orchestration.identity.company_frame import GuardAttributes, build_company_frame, guard_attributes
from orchestration.identity.graph.clustering import Clusters, clustered
from orchestration.identity.graph.decisions import decisions_in_force, decisions_without_records
from orchestration.identity.graph.edges import deterministic_edges
from orchestration.identity.graph.incremental import changed_records, clustered_again
from orchestration.identity.graph.numbering import RecordGraph
from orchestration.identity.graph.tables import EDGES_SCHEMA, REVIEW_SCHEMA
from orchestration.identity.kept_models import MODELS, keep_model, model_in_force
from orchestration.identity.linkage.frame import MEMBERS
from orchestration.identity.linkage.pairs import LinkedRecords, StoredLinkage, linked_new_records, linked_records
from orchestration.identity.night_before import (
    CUSTOMER_RECORDS,
    NightBefore,
    commit_night,
    history_before,
    night_before,
    table_of,
)
from orchestration.identity.persistent_ids import after_night, assignments_of, resolved_ids
from orchestration.identity.rules import NightRules, night_rules

OBSERVED = {
    "records": "select record_id from identity.int_identity_records",
    "identifiers": """
        select record_id, identifier_type, identifier_hash, is_verified, first_observed_at::date as observed_on
        from identity.int_identifiers_observed
    """,
    "compared": "select * from vault.int_attributes_compared",
    "identifier_types": "select * from reference.identifier_types",
    "blocked_identifiers": "select * from reference.blocked_identifiers",
}
_DATED_SQL = """
with compared_before as (  -- filtered here, as a condition on one side only makes the join compare all with all
    select *
    from before
    where edge_kind = 'probabilistic' and observed_on < $night::date
)

select found.* replace (coalesce(compared_before.observed_on, found.observed_on) as observed_on)
from found
left join compared_before
    on found.edge_kind = compared_before.edge_kind
    and found.record_id_left = compared_before.record_id_left
    and found.record_id_right = compared_before.record_id_right
    and found.evidence_json = compared_before.evidence_json
order by
    found.edge_kind, found.priority, found.rule, found.identifier_hash, found.record_id_left, found.record_id_right
"""
_REVIEW_SQL = """
select found.* replace (coalesce(before.as_of_on, found.as_of_on) as as_of_on)
from found
left join before
    on found.guard = before.guard
    and found.reason_code = before.reason_code
    and found.record_id_left is not distinct from before.record_id_left
    and found.record_id_right is not distinct from before.record_id_right
    and found.rule = before.rule
    and found.identifier_hash is not distinct from before.identifier_hash
    and before.as_of_on < $night::date
order by guard, reason_code, rule, identifier_hash, record_id_left, record_id_right
"""
_CUSTOMERS_SQL = """
with decided as (
    select record_id_left as record_id
    from decisions_given
    where decision = 'must_link'
    union
    select record_id_right
    from decisions_given
    where decision = 'must_link'
),

clusters as (
    select
        clusters_given.cluster_record_id,
        count(*) as records_count,
        count(distinct exact_cluster_record_id) as parts_count,
        count(decided.record_id) as decided_count
    from clusters_given
    left join decided using (record_id)
    group by cluster_record_id
)

select
    clusters_given.record_id,
    customer_id,
    records_count,
    case
        when records_count = 1 then 'single_record'
        when parts_count > 1 then 'compared_values'
        when decided_count > 1 then 'decision'
        else 'exact_identifier'
    end as cluster_rule,
    cluster_record_id,
    component_record_id,
    exact_cluster_record_id
from clusters_given
join clusters using (cluster_record_id)
join assignments_given using (record_id)
order by clusters_given.record_id
"""


@dataclass(frozen=True)
class IdentifiedNight:
    """What a night of identity gave, for its page.

    Attributes:
        tables: all lake tables that it wrote, by name.
        trained_because: why a model was trained; None when a stored one weighed the pairs.
        weighed: which pairs were compared.
        clustered: which records were clustered.
    """

    tables: Mapping[str, pa.Table]
    trained_because: str | None
    weighed: str
    clustered: str

    @property
    def customers_count(self) -> int:
        """The number of customers."""
        return len(self.tables[CUSTOMER_RECORDS]["customer_id"].unique())


def identify_customers(  # noqa: PLR0913 - a night has this many circumstances
    lake: Lake,
    warehouse: duckdb.DuckDBPyConnection,
    policies: Policies,
    *,
    limits: DuckdbLimits,
    as_of_on: date,
    run_id: str,
    at: datetime,
) -> IdentifiedNight:
    """Link tonight's records, keep their customers' ids, and commit all tables of identity.

    What stands complete of the night before is built upon: only new and changed records are compared, only the
    components that changed are clustered. Where it does not stand complete, or was made by other rules or another
    model, all is made anew, with the same result.

    Args:
        lake: where the tables of identity are.
        warehouse: the connection to what dbt observed.
        policies: rules and decisions.
        limits: memory and threads for comparing.
        as_of_on: the night.
        run_id: the run that writes.
        at: instant of the commit.

    Raises:
        IdentifierTypesUnknown: an observed type of identifier is not in the seed.
        RecordsRepeated: a record is observed twice.
        DecisionsContradicted: must_link decisions join what a cannot_link decision parts.
        LinkageModelDamaged: the stored model is not what was stored.
        LakeFileDamaged: a table of the night before is not what was written.
    """
    observed = {name: warehouse.sql(sql).to_arrow_table() for name, sql in OBSERVED.items()}
    rules = night_rules(policies.identity, observed["identifier_types"])
    before = night_before(lake, rules_version=rules.version, as_of_on=as_of_on)
    decisions = decisions_in_force(policies.link_decisions, as_of_on=as_of_on)
    exact = deterministic_edges(
        observed["identifiers"],
        identifier_types=observed["identifier_types"],
        blocked_identifiers=observed["blocked_identifiers"],
        as_of_on=as_of_on,
    )
    model = model_in_force(lake, as_of_on=as_of_on)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limits.memory_limit,
        "threads": limits.threads,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("set enable_progress_bar = false")
        frame = build_company_frame(connection, observed["compared"], before.frame if before else None)
        attributes_before = before.graph.attributes if before else None
        guarded = guard_attributes(connection, observed["identifiers"], attributes_before)
        if before is not None and model is not None and before.model_id == model.model_id:
            stored = StoredLinkage(before.pairs, before.members, model, before.limited_rules, before.keys_left_out)
            linked = linked_new_records(connection, stored, as_of_on=as_of_on, policy=rules.linkage)
        else:
            linked = linked_records(connection, model=model, as_of_on=as_of_on, policy=rules.linkage)
        members = connection.sql(f"from {MEMBERS} order by record_id").to_arrow_table()
        edges = _edges(lake, exact.edges, linked, as_of_on=as_of_on)
        fault_point("identity.after_pairs")
    graph = RecordGraph(observed["records"], edges, guarded.rows, decisions)
    clusters, how = _clusters(before, graph, linked, guarded, rules, as_of_on=as_of_on)
    in_vain = decisions_without_records(decisions, observed["records"], as_of_on=as_of_on)
    cuts = pa.concat_tables([clusters.review.cast(REVIEW_SCHEMA), exact.refused, in_vain])
    review = _with_first_nights(lake, "identity/review_queue", cuts, _REVIEW_SQL, as_of_on=as_of_on)
    state = after_night(history_before(lake), clusters.assignments, decisions=decisions, as_of_on=as_of_on)
    customer_records = _customer_records(clusters, assignments_of(state), decisions)
    fault_point("identity.after_clusters")
    if linked.trained_because is not None:
        keep_model(lake, linked.model, trained_because=linked.trained_because, run_id=run_id, at=at)
        fault_point("identity.after_model")
    tables = {
        "identity/edges": edges,
        "identity/review_queue": review,
        "identity/link_decisions": decisions,
        "identity/attributes": guarded.rows,
        "identity/linkage_frame": frame,
        "identity/linkage_members": members,
        "identity/blocking_counts": _blocking_counts(linked),
        "identity/blocking_keys_left_out": linked.keys_left_out,
        "identity/customer_records_history": state.history,
        "identity/customer_id_lineage": state.lineage,
        "identity/customer_ids": resolved_ids(state),
        CUSTOMER_RECORDS: customer_records,
    }
    commit_night(
        lake,
        tables,
        as_of_on=as_of_on,
        rules_version=rules.version,
        model_id=linked.model.model_id,
        run_id=run_id,
        at=at,
    )
    return IdentifiedNight(
        {**tables, MODELS: table_of(lake, MODELS)},
        linked.trained_because,
        weighed="all pairs" if linked.is_whole else "new and changed records",
        clustered=how,
    )


def _edges(lake: Lake, exact: pa.Table, linked: LinkedRecords, *, as_of_on: date) -> pa.Table:
    """Return all edges; a compared pair that says what it said before keeps the night that found it."""
    found = pa.concat_tables([exact, linked.pairs], promote_options="default").select(EDGES_SCHEMA.names)
    if not linked.is_whole:
        return found
    return _with_first_nights(lake, "identity/edges", found, _DATED_SQL, as_of_on=as_of_on)


def _with_first_nights(lake: Lake, name: str, found: pa.Table, sql: str, *, as_of_on: date) -> pa.Table:
    """Return tonight's rows of a table, each that was there on a night before with that night."""
    with in_memory() as connection:
        connection.register("found", found)
        connection.register("before", table_of(lake, name))
        return connection.execute(sql, {"night": as_of_on}).to_arrow_table().cast(found.schema)


def _clusters(  # noqa: PLR0913 - all that tells what changed
    before: NightBefore | None,
    graph: RecordGraph,
    linked: LinkedRecords,
    guarded: GuardAttributes,
    rules: NightRules,
    *,
    as_of_on: date,
) -> tuple[Clusters, str]:
    """Return the clusters, and what was looked at for them."""
    if before is None:
        return clustered(graph, rules=rules.clustering, as_of_on=as_of_on), "all records"
    changed = changed_records(
        replace(before.graph, edges=_differing(before.graph.edges, linked.gone), attributes=guarded.gone),
        replace(graph, edges=_differing(graph.edges, linked.found), attributes=guarded.changed),
        clusters=before.clusters,
        rules=rules.clustering,
    )
    found = clustered_again(before.clusters, graph, changed=changed, rules=rules.clustering, as_of_on=as_of_on)
    return found, f"components of {changed.num_rows:,} records that changed"


def _differing(edges: pa.Table, pairs: pa.Table | None) -> pa.Table:
    """Return the edges with those compared pairs only that differ from the other night's, where that is known."""
    if pairs is None:
        return edges
    return pa.concat_tables([edges.filter(pc.field("edge_kind") == "deterministic"), pairs])


def _customer_records(clusters: Clusters, assignments: pa.Table, decisions: pa.Table) -> pa.Table:
    with in_memory() as connection:
        connection.register("clusters_given", clusters.assignments)
        connection.register("assignments_given", assignments)
        connection.register("decisions_given", decisions)
        found = connection.execute(_CUSTOMERS_SQL).to_arrow_table()
    return found.cast(LAKE_TABLES[CUSTOMER_RECORDS].schema)


def _blocking_counts(linked: LinkedRecords) -> pa.Table:
    rows = [
        {
            "rule": count.rule,
            "pairs_count": count.pairs_count,
            "keys_left_out_count": count.keys_left_out,
            "records_left_out_count": count.records_left_out,
            "is_narrowed": count.is_narrowed,
            "refusal": count.refusal,
        }
        for count in linked.counts
    ]
    return pa.Table.from_pylist(rows, schema=LAKE_TABLES["identity/blocking_counts"].schema)
