"""Which records are one person by the folder's own word: entities per record, or pairs of records.

Belongs here: files of truth in the shapes in which they are published. Does not belong here: counting agreement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from orchestration.foundation.sql import quote_identifier
from orchestration.identity.linkage.columns import ColumnMapping

_PAIR_COLUMNS = 2


@dataclass(frozen=True)
class TruthFile:
    """One file: its name, the table that holds it, and its columns by kind."""

    name: str
    table: str
    mapping: ColumnMapping


def truth_of(
    connection: duckdb.DuckDBPyConnection, others: Sequence[TruthFile], records: Sequence[TruthFile]
) -> tuple[pa.Table | None, str]:
    """Return `record_id` and `entity_id` as the best file tells them, and which that was; None when none does.

    Best is the file that names the most records: `record_id` and an entity per row, else two columns of ids per row
    (pairs), else a column of entities beside the records themselves.
    """
    told = [(each.name, _entities(connection, each)) for each in [*others, *records] if each.mapping.entity_id]
    told = [(name, table) for name, table in told if table.num_rows]
    if not told:
        told = [(each.name, _of_pairs(connection, each)) for each in others]
        told = [(name, table) for name, table in told if table.num_rows]
    if not told:
        return None, "no truth: the folder has no file of entities or pairs"
    name, best = max(told, key=lambda each: (each[1].num_rows, each[0]))
    return best, f"truth: {name}, {best.num_rows:,} records"


def _entities(connection: duckdb.DuckDBPyConnection, each: TruthFile) -> pa.Table:
    """Return the entities of one file whose ids are records of the folder."""
    if each.mapping.record_id is None:
        return pa.table({"record_id": pa.array([], pa.string()), "entity_id": pa.array([], pa.string())})
    record, entity = quote_identifier(each.mapping.record_id), quote_identifier(each.mapping.entity_id or "")
    return connection.execute(
        f"""
        select raw.record_id, min({entity}::varchar) as entity_id
        from {each.table} told
        join linkage_raw raw
            on raw.record_id = told.{record}::varchar
        where {entity} is not null
        group by raw.record_id
        order by raw.record_id
        """
    ).to_arrow_table()


def _of_pairs(connection: duckdb.DuckDBPyConnection, each: TruthFile) -> pa.Table:
    """Return the entities that a file of two columns of record ids gives; every other record is by itself."""
    columns = [row[0] for row in connection.execute(f"describe {each.table}").fetchall()][:_PAIR_COLUMNS]
    empty = pa.table({"record_id": pa.array([], pa.string()), "entity_id": pa.array([], pa.string())})
    if len(columns) < _PAIR_COLUMNS:
        return empty
    left, right = (quote_identifier(name) for name in columns)
    connection.execute(
        "create or replace temp table linkage_numbered as "
        "select record_id, row_number() over (order by record_id) - 1 as number from linkage_raw"
    )
    found = connection.execute(
        f"select l.number as l, r.number as r from {each.table} told "
        f"join linkage_numbered l on l.record_id = told.{left}::varchar "
        f"join linkage_numbered r on r.record_id = told.{right}::varchar order by all"
    ).fetchnumpy()
    if not len(found["l"]):
        return empty
    ids = connection.execute("select record_id from linkage_numbered order by number").to_arrow_table()
    graph = coo_array((np.ones(len(found["l"])), (found["l"], found["r"])), shape=(ids.num_rows, ids.num_rows))
    _, labels = connected_components(graph, directed=False)
    return ids.append_column("entity_id", pa.array(labels).cast(pa.string()))
