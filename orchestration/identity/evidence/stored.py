"""What the last night stored of a few customers: only their rows are read, however large the lake is.

Belongs here: names to records, and the rows of their components. Does not belong here: what they mean.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.graph.numbering import RecordGraph

_TABLES = (
    "identity/customer_records",
    "identity/customer_ids",
    "identity/customer_records_history",
    "identity/customer_id_lineage",
    "identity/edges",
    "identity/review_queue",
    "identity/link_decisions",
    "identity/attributes",
)
_RECORDS_OF_SQL = """
with records_of_name as (
    select record_id
    from lake_identity.customer_records
    where record_id = $name or customer_id = $name
    union
    select record_id
    from lake_identity.customer_records_history
    where customer_id = $name and not exists (from lake_identity.customer_records where customer_id = $name)
    qualify valid_to_on = max(valid_to_on) over ()
)

select record_id, customer_id, component_record_id
from lake_identity.customer_records
semi join records_of_name using (record_id)
order by record_id
"""
_CUSTOMER_SQL = """
select record_id
from lake_identity.customer_records
where customer_id = ?
order by record_id
"""
_REACHED_SQL = """
create or replace temp table reached as
with recursive decided as (
    select ones.component_record_id as one, others.component_record_id as other
    from (
        select record_id_left as one_id, record_id_right as other_id from decisions_known
        union all
        select record_id_right, record_id_left from decisions_known
    ) as turned
    join lake_identity.customer_records as ones on turned.one_id = ones.record_id
    join lake_identity.customer_records as others on turned.other_id = others.record_id
),

components as (
    select unnest($components::varchar[]) as component_record_id
    union
    select decided.other
    from components
    join decided on components.component_record_id = decided.one
)

select record_id, customer_id, cluster_record_id, component_record_id
from lake_identity.customer_records
semi join components using (component_record_id)
order by record_id
"""
_GRAPH_SQL = {
    "records": "select record_id from reached order by record_id",
    "edges": """
        select *
        from lake_identity.edges
        where record_id_left in (select record_id from reached) and record_id_right in (select record_id from reached)
    """,
    "attributes": "select * from lake_identity.attributes semi join reached using (record_id)",
    "decisions": "select record_id_left, record_id_right, decision from decisions_known",
}
_WITHIN_SQL = """
with chosen as (
    select unnest(?::varchar[]) as record_id
),

touching as (
    select *
    from lake_identity.edges
    where record_id_left in (from chosen) or record_id_right in (from chosen)
),

identifiers as (
    select rule, identifier_hash
    from touching
    where edge_kind = 'deterministic'
    group by all
),

shown as (
    select edges.*, edges.record_id_left as record_id
    from lake_identity.edges as edges
    semi join identifiers using (rule, identifier_hash)
    where edge_kind = 'deterministic'
    union all
    select edges.*, edges.record_id_right
    from lake_identity.edges as edges
    semi join identifiers using (rule, identifier_hash)
    where edge_kind = 'deterministic'
),

members as (
    select *, first_value(record_id) over stars as hub_record_id
    from shown
    where record_id in (from chosen)
    window stars as (partition by rule, identifier_hash order by match_weight desc, record_id)
    qualify row_number() over (
        partition by rule, identifier_hash, record_id
        order by match_weight desc, observed_on, record_id_left, record_id_right
    ) = 1
),

stars as (
    select * exclude (record_id, hub_record_id) replace (
        least(record_id, hub_record_id) as record_id_left, greatest(record_id, hub_record_id) as record_id_right
    )
    from members
)

select * from stars where record_id_left <> record_id_right
union all
select *
from touching
where edge_kind = 'probabilistic' and record_id_left in (from chosen) and record_id_right in (from chosen)
"""


class NameUnknown(GenomeError):
    """An id that stands for no record and no customer."""

    @classmethod
    def of(cls, name: str) -> "NameUnknown":
        """Return the error for an id that was never given."""
        return cls(
            f"no record and no customer has the id {name!r}, as far as the last night knows. A record's id is its "
            f"source, feed and key, such as crm:contacts:42; a customer's begins with c_. New records are known after "
            f"`genome night`."
        )

    @classmethod
    def gone(cls, name: str) -> "NameUnknown":
        """Return the error for a customer of whom no record is left."""
        return cls(f"the customer {name!r} has no record any more: all that belonged to it were removed.")


class NamesOneRecord(GenomeError):
    """Two names of which no two different records can be told."""

    @classmethod
    def of(cls, one: str, other: str, record_ids: Sequence[str]) -> "NamesOneRecord":
        """Return the error with the records that the names stand for."""
        return cls(
            f"{one!r} and {other!r} name the same {'record' if len(record_ids) == 1 else 'customer'}, whose records "
            f"are {some_of(record_ids)}. Name two records, or two customers."
        )


@dataclass(frozen=True)
class Named:
    """A record that an id stands for.

    Attributes:
        name: as it was asked for.
        record_id: the record itself, or the smallest record of the customer that the other name does not have.
        customer_id: the customer it belongs to today.
        component_record_id: the smallest record that any evidence connects it with.
    """

    name: str
    record_id: str
    customer_id: str
    component_record_id: str


@contextmanager
def stored_identity(lake: Lake, *, memory_limit: str, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with a view of each table of identity, over the files of the last night.

    Raises:
        LakeFileDamaged: a file is missing, or is new or touched and has other bytes than were written.
    """
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory_limit, "threads": threads}
    with duckdb.connect(config=config) as connection:
        connection.execute("set enable_progress_bar = false")
        create_views(connection, lake, {name: LAKE_TABLES[name].schema for name in _TABLES})
        yield connection


def named_pair(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> tuple[Named, Named]:
    """Return the two different records that two ids stand for; an old customer's id stands for what were its records.

    Raises:
        NameUnknown: an id was never given, or nothing is left of its customer.
        NamesOneRecord: both stand for the same records.
    """
    found = {name: _records_of(connection, name) for name in (one, other)}
    ones = _own(found[one], found[other])
    others = _own(found[other], (ones,))
    if ones.record_id == others.record_id:
        raise NamesOneRecord.of(one, other, sorted({each.record_id for each in (*found[one], *found[other])}))
    return ones, others


def records_of_customer(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[str]:
    """Return the records that belong to a customer today, ordered."""
    return [str(row[0]) for row in connection.execute(_CUSTOMER_SQL, [customer_id]).fetchall()]


def graph_within(connection: duckdb.DuckDBPyConnection, record_ids: Sequence[str]) -> RecordGraph:
    """Return the records with what joins them directly: what leads over other records is left out.

    Records that show one identifier are joined also where the record in the middle of its star is not among them.
    """
    chosen = list(record_ids)
    decisions = """
        select record_id_left, record_id_right, decision
        from lake_identity.link_decisions
        where list_contains($1, record_id_left) and list_contains($1, record_id_right)
    """
    return RecordGraph(
        records=pa.table({"record_id": pa.array(chosen, type=pa.string())}),
        edges=connection.execute(_WITHIN_SQL, [chosen]).to_arrow_table(),
        attributes=LAKE_TABLES["identity/attributes"].schema.empty_table(),
        decisions=connection.execute(decisions, [chosen]).to_arrow_table(),
    )


def reached_components(
    connection: duckdb.DuckDBPyConnection, named: Sequence[Named], decisions: pa.Table
) -> tuple[RecordGraph, pa.Table]:
    """Return the whole components of the named records, and of those that decisions tie to them, as they are stored.

    Args:
        connection: the stored identity.
        named: records.
        decisions: columns `record_id_left`, `record_id_right`, `decision`: all that are stated.

    Returns:
        The graph, with all decisions; and one row per record: `record_id`, `customer_id`, `cluster_record_id`,
        `component_record_id`.
    """
    connection.register("decisions_known", decisions)
    components = sorted({each.component_record_id for each in named})
    connection.execute(_REACHED_SQL, {"components": components})
    parts = {name: connection.execute(sql).to_arrow_table() for name, sql in _GRAPH_SQL.items()}
    assigned = connection.execute("from reached order by record_id").to_arrow_table()
    connection.unregister("decisions_known")
    return RecordGraph(**parts), assigned


def _records_of(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[Named, ...]:
    rows = connection.execute(_RECORDS_OF_SQL, {"name": name}).fetchall()
    if not rows:
        known = connection.execute("from lake_identity.customer_ids where customer_id = ?", [name]).fetchall()
        raise NameUnknown.gone(name) if known else NameUnknown.of(name)
    return tuple(Named(name, *map(str, row)) for row in rows)


def _own(found: Sequence[Named], others: Sequence[Named]) -> Named:
    """Return the smallest record of those found that the others do not have, the smallest of all if there is none."""
    theirs = {each.record_id for each in others}
    return next((each for each in found if each.record_id not in theirs), found[0])
