"""Nights without Dagster and dbt: the statements that dbt ran, over small lakes, so that a property test affords many.

Belongs here: taking the statements from dbt's target folder and running a night of them. Does not belong here: which
nights are run and what their tables should be.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.identity.graph.clustering import clustered
from orchestration.identity.graph.edges import deterministic_edges
from orchestration.identity.graph.numbering import RecordGraph
from orchestration.identity.rules import clustering_rules
from orchestration.warehouse import build_state
from tests.support.warehouses import AS_OF_ON, SmallLake

BLOCKS = ("block_staging", "block_customer", "block_insight")
LIMITS = DuckdbLimits(memory_limit="1GB", threads=1)
VERSION = "rules of the test"
_TABLES = """
select schema_name || '.' || table_name
from duckdb_tables()
where schema_name in ('staging', 'identity', 'customer', 'vault', 'insight')
and table_name <> 'int_feature_dates' and not ends_with(table_name, '_touched')
order by 1
"""


@dataclass(frozen=True)
class Model:
    """One model or seed as dbt built it, once in full and once upon its last build.

    Attributes:
        relation: schema and table.
        kind: `table` or `view`.
        in_full: the query that makes all of it.
        by_keys: the query upon the last build; for an incremental model, that of the rows to put in place.
        placing: the statements that put them there; empty for what is made anew.
        temporary: the table of these rows in `placing`.
    """

    relation: str
    kind: str
    in_full: str
    by_keys: str
    placing: str = ""
    temporary: str = ""

    def build(self, connection: duckdb.DuckDBPyConnection, *, is_in_full: bool, as_of_on: date) -> None:
        """Build it as of a day."""
        query, placing = (
            text.replace(AS_OF_ON.isoformat(), as_of_on.isoformat())
            for text in (self.in_full if is_in_full else self.by_keys, self.placing)
        )
        if is_in_full or not placing:
            connection.execute(f"create or replace {self.kind} {self.relation} as {query}")
        else:
            connection.execute(f"create or replace temp table {self.temporary} as {query}")
            connection.execute(placing)


def built_models(manifest: Path, *, in_full: Path, by_keys: Path, project: Path) -> dict[str, list[Model]]:
    """Return the models of `BLOCKS`, each after what it reads, by dbt's target folders of two builds."""
    nodes = {
        key: node
        for key, node in json.loads(manifest.read_bytes())["nodes"].items()
        if node["resource_type"] in ("model", "seed") and set(node["tags"]) & set(BLOCKS)
    }
    above = {key: [one for one in node["depends_on"].get("nodes", []) if one in nodes] for key, node in nodes.items()}
    found: dict[str, list[Model]] = {block: [] for block in BLOCKS}
    for node in (nodes[key] for key in TopologicalSorter(above).static_order()):
        [block] = set(node["tags"]) & set(BLOCKS)
        relation = f"{node['schema']}.{node['alias']}"
        path = Path(node["package_name"]) / node["original_file_path"]
        if node["resource_type"] == "seed":
            query = f"select * from read_csv('{project / node['original_file_path']}', header = true)"
            found[block].append(Model(relation, "table", query, query))
            continue
        full_query, keys_query = ((target / "compiled" / path).read_text() for target in (in_full, by_keys))
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        placing = temporary = ""
        if node["config"]["materialized"] == "incremental":
            placing = (by_keys / "run" / path).read_text()
            temporary = next(word.strip('();"') for word in placing.split() if "__dbt_tmp" in word)
        found[block].append(Model(relation, kind, full_query, keys_query, placing, temporary))
    return found


@dataclass(frozen=True)
class TouchedNights:
    """Nights over one warehouse file; each builds what `build_state` says, in full or by keys."""

    warehouse: Path
    models: dict[str, list[Model]]

    def run(self, lake: SmallLake, *, as_of_on: date, killed_after: float | None = None) -> bool:
        """Run one night, and return whether all of its blocks were built by keys.

        Args:
            lake: all that has landed.
            as_of_on: the day that the night closes.
            killed_after: the share of all models after which the night is cut off, less than 1.
        """
        lake.write(self.warehouse)
        count, kinds = 0, set()
        last = None if killed_after is None else int(killed_after * sum(map(len, self.models.values())))
        for block in BLOCKS:
            arguments = build_state.begin_block(
                self.warehouse, block=block, version=VERSION, selection=[block], limits=LIMITS
            )
            is_in_full = "--full-refresh" in arguments
            kinds.add(is_in_full)
            with duckdb.connect(self.warehouse) as connection:
                if block == "block_customer":
                    _identify(connection, as_of_on)
                for model in self.models[block]:
                    if count == last:
                        return False
                    schema = model.relation.split(".")[0]
                    connection.execute(f"create schema if not exists {schema}")
                    model.build(connection, is_in_full=is_in_full, as_of_on=as_of_on)
                    count += 1
            build_state.end_block(self.warehouse, block=block, version=VERSION, limits=LIMITS)
        return kinds == {False}


def _identify(connection: duckdb.DuckDBPyConnection, as_of_on: date) -> None:
    """Put the customers of the staged records, by exact evidence, where identity's lake table is seen."""
    observed = connection.sql(
        "select record_id, identifier_type, identifier_hash, is_verified, first_observed_at::date as observed_on "
        "from identity.int_identifiers_observed"
    ).to_arrow_table()
    types, blocked = (
        connection.sql(f"from reference.{name}").to_arrow_table()
        for name in ("identifier_types", "blocked_identifiers")
    )
    found = deterministic_edges(observed, identifier_types=types, blocked_identifiers=blocked, as_of_on=as_of_on)
    graph = RecordGraph(
        records=connection.sql("select record_id from identity.int_identity_records").to_arrow_table(),
        edges=found.edges,
        attributes=LAKE_TABLES["identity/attributes"].schema.empty_table(),
        decisions=LAKE_TABLES["identity/link_decisions"].schema.empty_table(),
    )
    policy = load_policies(PROJECT_ROOT / "lake" / "policies").identity
    clusters = clustered(graph, rules=clustering_rules(policy, types), as_of_on=as_of_on)
    connection.register("found", clusters.assignments)
    connection.execute(
        "create or replace table lake_identity.customer_records as "
        "select record_id, 'c_' || left(sha256(cluster_record_id), 20) as customer_id, "
        "'exact_identifier' as cluster_rule from found"
    )


def differences(one: Path, other: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return by table the rows that only one of two warehouses has."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        connection.execute("use one")
        found = {}
        for (table,) in connection.execute(_TABLES).fetchall():
            rows: Sequence[tuple[object, ...]] = connection.execute(
                f"(select * from one.{table} except all select * from other.{table}) "
                f"union all (select * from other.{table} except all select * from one.{table})"
            ).fetchall()
            if rows:
                found[str(table)] = list(rows)
    return found
