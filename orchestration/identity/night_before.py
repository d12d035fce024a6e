"""What the nights before left of identity, whether tonight can build upon it, and the commit of tonight's tables.

Belongs here: reading and writing the lake tables of identity as one whole. Does not belong here: what is made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.foundation.connections import in_memory
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import Json, Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.graph.clustering import Clusters
from orchestration.identity.graph.numbering import RecordGraph
from orchestration.identity.persistent_ids import IdentityState

CURRENT = "current"
CUSTOMER_RECORDS = "identity/customer_records"
_BUILT_UPON = (
    "identity/edges",
    "identity/review_queue",
    "identity/link_decisions",
    "identity/attributes",
    "identity/linkage_frame",
    "identity/linkage_members",
    "identity/blocking_counts",
    "identity/blocking_keys_left_out",
)
_LINEAGE, _HISTORY = "identity/customer_id_lineage", "identity/customer_records_history"
_ASSIGNMENTS = ("record_id", "cluster_record_id", "component_record_id", "exact_cluster_record_id")
_OF_CLUSTERING_SQL = """
select * replace (least(as_of_on, $night::date) as as_of_on)
from review_given
where record_id_left is not null and reason_code <> 'record_unknown'
"""


@dataclass(frozen=True)
class NightBefore:
    """All that a night needs of the one before to look at what changed only.

    Attributes:
        graph: its records, edges, attributes and decisions.
        clusters: what it made of them.
        pairs: its compared pairs, `EDGES_SCHEMA`.
        frame: its records as they were compared, lake table `identity/linkage_frame`.
        members: its distinct records, lake table `identity/linkage_members`.
        limited_rules: its blocking rules that did not run, or not with all their pairs.
        keys_left_out: its block keys that were too common, lake table `identity/blocking_keys_left_out`.
        model_id: the model that weighed its pairs.
    """

    graph: RecordGraph
    clusters: Clusters
    pairs: pa.Table
    frame: pa.Table
    members: pa.Table
    limited_rules: frozenset[tuple[str, bool]]
    keys_left_out: pa.Table
    model_id: str


def night_before(lake: Lake, *, rules_version: str, as_of_on: date) -> NightBefore | None:
    """Return what the last night left; None when it is not whole, was made by other rules, or was a later one.

    Its tables are whole when they have the bytes that the last one of them names: a night that was killed between two
    commits leaves others.

    Raises:
        LakeFileDamaged: a table has other bytes than were written.
    """
    record = lake.record(CUSTOMER_RECORDS, CURRENT)
    if record is None or record.facts.get("rules_version") != rules_version:
        return None
    if date.fromisoformat(str(record.facts["as_of_on"])) > as_of_on:
        return None
    if record.facts.get("built_upon") != _checksums(lake):
        return None
    records, edges, review, decisions, attributes, frame, members, counts, keys_left_out = (
        table_of(lake, name) for name in (CUSTOMER_RECORDS, *_BUILT_UPON)
    )
    with in_memory() as connection:
        connection.register("review_given", review)
        of_clustering = connection.execute(_OF_CLUSTERING_SQL, {"night": as_of_on}).to_arrow_table()
    return NightBefore(
        graph=RecordGraph(records.select(["record_id"]), edges, attributes, decisions),
        clusters=Clusters(records.select(_ASSIGNMENTS), of_clustering.cast(review.schema)),
        pairs=edges.filter(pc.field("edge_kind") == "probabilistic"),
        frame=frame,
        members=members,
        limited_rules=frozenset(
            (row["rule"], row["refusal"] is None)
            for row in counts.to_pylist()
            if row["is_narrowed"] or row["refusal"] is not None
        ),
        keys_left_out=keys_left_out,
        model_id=str(record.facts["model_id"]),
    )


def history_before(lake: Lake) -> IdentityState:
    """Return the ids that all nights gave, and their events.

    Events are committed before the history, which names its night: those of a night that was killed in between are
    left out, as if it had never been.

    Raises:
        LakeFileDamaged: a table has other bytes than were written.
    """
    history, lineage = table_of(lake, _HISTORY), table_of(lake, _LINEAGE)
    record = lake.record(_HISTORY, CURRENT)
    last_on = date.fromisoformat(str(record.facts["as_of_on"])) if record else date.min
    return IdentityState(history, lineage.filter(pc.field("as_of_on") <= pa.scalar(last_on)))


def table_of(lake: Lake, name: str) -> pa.Table:
    """Return a table of identity as the last night left it, empty before the first.

    Raises:
        LakeFileDamaged: it has other bytes than were written.
    """
    schema = LAKE_TABLES[name].schema
    parts = [pq.read_table(path, partitioning=None).cast(schema) for path in lake.checked_paths(name)]
    return pa.concat_tables([schema.empty_table(), *parts])


def commit_night(  # noqa: PLR0913 - one commit has this many facts
    lake: Lake,
    tables: Mapping[str, pa.Table],
    *,
    as_of_on: date,
    rules_version: str,
    model_id: str,
    run_id: str,
    at: datetime,
) -> None:
    """Commit tonight's tables: the events of ids before the history, and customers last.

    The table of customers names the bytes of those that the next night builds upon.
    """
    night: dict[str, Json] = {"as_of_on": as_of_on.isoformat()}
    last = (_LINEAGE, _HISTORY, CUSTOMER_RECORDS)
    for name in (*(name for name in tables if name not in last), *last):
        facts = night
        if name == CUSTOMER_RECORDS:
            facts = {**night, "rules_version": rules_version, "model_id": model_id, "built_upon": _checksums(lake)}
        table = tables[name].cast(LAKE_TABLES[name].schema)
        lake.write_table(name, CURRENT, table, run_id=run_id, written_at=at, facts=facts)
        if name == _LINEAGE:
            fault_point("identity.after_lineage")


def _checksums(lake: Lake) -> dict[str, Json]:
    records = {name: lake.record(name, CURRENT) for name in _BUILT_UPON}
    return {name: record.files[0].sha256 for name, record in records.items() if record is not None}
