"""One run of linkage over a folder: pairs, clusters, what they cost and how well they agree with the truth.

Belongs here: the run and its report as facts. Does not belong here: printing (`cli.identity`).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.agreement import Agreement, b_cubed, pairs_at_threshold, pairwise
from orchestration.identity.benchmark.reading import RAW, FolderRead, read_folder
from orchestration.identity.graph.agglomeration import AverageLinkage, WeightedPairs, agglomerated
from orchestration.identity.linkage.frame import MEMBERS, build_frame
from orchestration.identity.linkage.models import LinkageModel
from orchestration.identity.linkage.pairs import LinkagePolicy, LinkedRecords, linked_records

CLUSTER_LIMITS = AverageLinkage(missing_weight=-4.0, cap=10.0, stop=-2.5)
"""What clusters are made with: chosen on sets of people with known truth, the same for every set."""
PAIR_THRESHOLD_BITS = 0.0
"""The match weight from which a pair counts as one person: as likely as not."""


@dataclass(frozen=True)
class BenchmarkResult:
    """What a run over a folder gave.

    Attributes:
        folder: what was read.
        linked: pairs, model and blocking counts.
        clusters: `record_id`, `cluster_id` (its smallest record id), ordered by record.
        agreements: by name, where the truth is known.
        seconds: wall and CPU seconds by step.
    """

    folder: FolderRead
    linked: LinkedRecords
    clusters: pa.Table
    agreements: Mapping[str, Agreement]
    seconds: Mapping[str, tuple[float, float]]


def run_benchmark(  # noqa: PLR0913 - what a run depends on
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    as_of_on: date,
    stated: Mapping[str, tuple[str, ...]] | None = None,
    model: LinkageModel | None = None,
    policy: LinkagePolicy | None = None,
) -> BenchmarkResult:
    """Return how the folder's records are linked.

    Raises:
        FolderUnusable: nothing in the folder can be linked.
        ColumnsUnusable: a file lacks ids or columns of persons.
    """
    watch = _Watch()
    read = read_folder(connection, folder, stated=stated)
    build_frame(connection, RAW)
    watch.ended("reading and cleaning")
    linked = linked_records(connection, model=model, as_of_on=as_of_on, policy=policy or LinkagePolicy())
    watch.ended("training and scoring" if linked.trained_because else "scoring")
    clusters = clustered(connection, linked.pairs)
    watch.ended("clustering")
    agreements = {} if read.truth is None else _agreements(connection, read.truth, linked.pairs, clusters)
    return BenchmarkResult(read, linked, clusters, agreements, watch.steps)


def clustered(connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> pa.Table:
    """Return `record_id` and `cluster_id` of all members: distinct records clustered, the others where theirs is."""
    connection.register("linkage_weighed", pairs)
    connection.execute(
        f"create or replace temp table linkage_numbers as select representative_id as record_id, "
        f"row_number() over (order by representative_id) - 1 as number "
        f"from (select distinct representative_id from {MEMBERS})"
    )
    found = connection.execute(
        "select l.number as l, r.number as r, match_weight as w from linkage_weighed "
        "join linkage_numbers l on l.record_id = record_id_left "
        "join linkage_numbers r on r.record_id = record_id_right order by l, r"
    ).fetchnumpy()
    connection.unregister("linkage_weighed")
    ids = np.array(
        [row[0] for row in connection.execute("select record_id from linkage_numbers order by number").fetchall()],
        dtype=object,
    )
    given = WeightedPairs(
        np.asarray(found["l"], dtype=np.int64), np.asarray(found["r"], dtype=np.int64), np.asarray(found["w"])
    )
    labels = agglomerated(given, nodes_count=len(ids), limits=CLUSTER_LIMITS)
    told = {"representative_id": pa.array(ids, pa.string()), "cluster_id": pa.array(ids[labels], pa.string())}
    connection.register("linkage_labels", pa.table(told))
    table = connection.execute(
        f"select members.record_id, labels.cluster_id from {MEMBERS} members "
        "join linkage_labels labels using (representative_id) order by members.record_id"
    ).to_arrow_table()
    connection.unregister("linkage_labels")
    return table


def _agreements(
    connection: duckdb.DuckDBPyConnection, truth: pa.Table, pairs: pa.Table, clusters: pa.Table
) -> dict[str, Agreement]:
    """Return the agreement of pairs and clusters over the records whose entity is known."""
    for name, table in (("linkage_truth", truth), ("linkage_found", clusters), ("linkage_weighed", pairs)):
        connection.register(name, table)
    connection.execute(
        "create or replace temp table linkage_known as "
        "select record_id, row_number() over (order by record_id) - 1 as number, "
        "dense_rank() over (order by entity_id) - 1 as entity, dense_rank() over (order by cluster_id) - 1 as cluster "
        "from linkage_truth join linkage_found using (record_id)"
    )
    known = connection.execute("select entity, cluster from linkage_known order by number").fetchnumpy()
    # a pair that the threshold takes joins all the records that its two distinct records stand for
    taken = connection.execute(
        f"""
        select distinct least(l.number, r.number) as l, greatest(l.number, r.number) as r
        from (
            select record_id_left as a, record_id_right as b
            from linkage_weighed
            where match_weight >= {PAIR_THRESHOLD_BITS}
            union all
            select representative_id, representative_id from {MEMBERS} group by all having count(*) > 1
        )
        join {MEMBERS} left_members on left_members.representative_id = a
        join {MEMBERS} right_members on right_members.representative_id = b
        join linkage_known l on l.record_id = left_members.record_id
        join linkage_known r on r.record_id = right_members.record_id
        where l.number <> r.number
        """
    ).fetchnumpy()
    for name in ("linkage_truth", "linkage_found", "linkage_weighed"):
        connection.unregister(name)
    entities = np.asarray(known["entity"], dtype=np.int64)
    labels = np.asarray(known["cluster"], dtype=np.int64)
    left, right = (np.asarray(taken[side], dtype=np.int64) for side in ("l", "r"))
    return {
        "pairs at the threshold": pairs_at_threshold(left, right, entities),
        "clusters, pairwise": pairwise(labels, entities),
        "clusters, B-cubed": b_cubed(labels, entities),
    }


class _Watch:
    """Wall and CPU seconds of the steps of a run."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[float, float]] = {}
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def ended(self, step: str) -> None:
        """Note that a step is done."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.steps[step] = (wall - self._wall, cpu - self._cpu)
        self._wall, self._cpu = wall, cpu
