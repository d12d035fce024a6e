"""Records per person: how many records of a kind a person truly has, and how many a customer was given."""

from collections.abc import Iterator

import duckdb

from orchestration.sample_company.evaluation.findings import Claim, Finding

_QUERY = """
    with kinds as (
        select split_part(linked.record_id, ':', 1) || ' ' || split_part(linked.record_id, ':', 2) as kind,
            linked.record_id, linked.customer_id, owners.person_id
        from warehouse.identity.int_customer_records_linked as linked
        join record_owners as owners using (record_id)
    )
    select kind,
        count(distinct record_id) / count(distinct customer_id) as found,
        count(distinct record_id) / count(distinct person_id) as true,
        count(distinct record_id) as records, count(distinct customer_id) as customers,
        count(distinct person_id) as people
    from kinds
    group by rollup (kind)
    order by kind nulls last
"""


def with_record_owners(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view `record_owners`: one row per record that the product knows and person whose it is.

    Guests of the shop have no record of their own in the truth: their orders say who they are. A contact point that two
    people share has two owners.
    """
    connection.execute(
        """
        create or replace temp view record_owners as
        select record_id, person_id from truth.person_records
        union
        select orders.record_id, truths.person_id
        from warehouse.vault.stg_shop__orders as orders
        join truth.orders as truths on truths.order_id = 'shop:' || orders.order_id_shop
        where orders.record_id is not null
        """
    )


def _compare(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    with_record_owners(connection)
    for kind, found, true, records, customers, people in connection.execute(_QUERY).fetchall():
        counted = f"{records:,} records of {people:,} people became {customers:,} customers"
        yield Finding(CLAIM.name, kind or "all of them", found, true, counted)


CLAIM = Claim(
    "records per person",
    ("warehouse.identity.int_customer_records_linked", "warehouse.vault.stg_shop__orders"),
    _compare,
)
