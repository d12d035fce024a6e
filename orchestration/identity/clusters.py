"""Which source records are one customer: records that share an exact identifier, directly or through others.

Belongs here: connected components and the guard against identifiers that too many records share. Does not belong here:
what an identifier is (dbt observes them, `standardise` cleans them) and the choice of a customer's attributes.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.graph.numbering import RecordsRepeated

CUSTOMER_RECORDS = "identity/customer_records"
Integers = npt.NDArray[np.int64]

_NODES_SQL = """
create temp table numbered_records as
select record_id, row_number() over (order by record_id) - 1 as record_number
from records_given;

create temp table observations as
with distinct_pairs as (
    select distinct numbered_records.record_number, identifier_type, identifier_hash
    from identifiers_given
    join numbered_records
        using (record_id)
    where identifier_hash is not null
)

select
    record_number,
    dense_rank() over (order by identifier_type, identifier_hash) - 1 as identifier_number,
    count(*) over (partition by identifier_type, identifier_hash) as records_count,
from distinct_pairs
"""
_REPEATED_SQL = """
select record_id
from numbered_records
group by record_id
having count(*) > 1
order by record_id
"""
_LINKS_SQL = """
select record_number, identifier_number
from observations
where records_count <= ?
"""
_BLOCKED_SQL = """
select count(distinct identifier_number), count(*)
from observations
where records_count > ?
"""
_CUSTOMERS_SQL = """
with members as (
    select record_id, component_number
    from numbered_records
    positional join components
)

select
    record_id,
    'c_' || left(sha256(min(record_id) over component), 20) as customer_id,
    count(*) over component as records_count,
    case when count(*) over component > 1 then 'exact_identifier' else 'single_record' end
    as cluster_rule,
from members
window component as (partition by component_number)
order by record_id
"""


@dataclass(frozen=True)
class Clustering:
    """Which records are one customer, and what was not allowed to say so.

    Attributes:
        customer_records: lake table `identity/customer_records`.
        customers_count: distinct customers in it.
        identifiers_blocked_count: distinct identifiers that too many records share and that linked none.
        observations_blocked_count: records' uses of blocked identifiers.
    """

    customer_records: pa.Table
    customers_count: int
    identifiers_blocked_count: int
    observations_blocked_count: int


def customers_from_identifiers(
    records: pa.Table, identifiers: pa.Table, *, max_records_per_identifier: int
) -> Clustering:
    """Return one row per source record with the customer it belongs to.

    Two records are one customer when they share an identifier, or when a chain of such records joins them. The
    customer's id is `c_` and the first 20 hex digits of the sha256 of the smallest record id in the component: it
    depends on which records are one customer and on nothing else.

    Args:
        records: column `record_id` (text, unique); other columns are not read.
        identifiers: columns `record_id`, `identifier_type`, `identifier_hash` (text); observations of records that
            are not in `records`, or without a hash, are not used.
        max_records_per_identifier: an identifier that more distinct records share than this links none of them.

    Returns:
        `customer_records`: one row per record in, ordered by `record_id`; `records_count` is the size of the record's
        component, `cluster_rule` is `exact_identifier` for components of two or more records, else `single_record`.
        The order of the rows that come in changes nothing.

    Raises:
        RecordsRepeated: a record id stands in `records` more than once.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("records_given", records)
        connection.register("identifiers_given", identifiers)
        _number_nodes(connection)
        links = connection.execute(_LINKS_SQL, [max_records_per_identifier]).fetchnumpy()
        blocked = connection.execute(_BLOCKED_SQL, [max_records_per_identifier]).fetchall()[0]
        record_numbers, identifier_numbers = (
            np.asarray(links[name], dtype=np.int64) for name in ("record_number", "identifier_number")
        )
        components = _components(record_numbers, identifier_numbers, records_count=records.num_rows)
        connection.register("components", pa.table({"component_number": pa.array(components, type=pa.int64())}))
        customer_records = connection.sql(_CUSTOMERS_SQL).to_arrow_table()
    return Clustering(
        customer_records=customer_records.cast(LAKE_TABLES[CUSTOMER_RECORDS].schema),
        customers_count=len(np.unique(components)),
        identifiers_blocked_count=int(blocked[0]),
        observations_blocked_count=int(blocked[1]),
    )


def _number_nodes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of numbered records and of their distinct identifiers, both in a total order."""
    connection.execute(_NODES_SQL)
    repeated = connection.execute(_REPEATED_SQL).fetchall()
    if repeated:
        raise RecordsRepeated.of([str(row[0]) for row in repeated])


def _components(record_numbers: Integers, identifier_numbers: Integers, *, records_count: int) -> Integers:
    """Return each record's component number, in a graph whose nodes are records and identifiers."""
    if records_count == 0:
        return np.empty(0, dtype=np.int64)
    nodes_count = records_count + int(identifier_numbers.max(initial=-1)) + 1
    edges = (np.ones(len(record_numbers), dtype=np.int8), (record_numbers, records_count + identifier_numbers))
    graph = coo_array(edges, shape=(nodes_count, nodes_count)).tocsr()
    labels: Integers = connected_components(graph, directed=False)[1][:records_count].astype(np.int64)
    return labels
