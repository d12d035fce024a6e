"""Purchases to come: who was said to buy within 90 days, and who did, as far as the simulated time reaches.

AUC is the share of pairs of a buyer and another customer in which the buyer had the higher probability, ties half
(Hanley and McNeil 1982); 0.5 is chance. The truth of a customer is that of all people whose records the customer has.
"""

from collections.abc import Iterator

import duckdb

from orchestration.sample_company.evaluation.findings import Claim, Finding
from orchestration.sample_company.evaluation.records import with_record_owners

_WINDOW_DAYS = 90
_CUSTOMERS = """
    create or replace temp table customers_to_come as
    with scored as (
        select customer_id, as_of_on, purchase_probability_next_90d as probability, -recency_days as recency
        from serving.mart_customer_360
        where purchase_probability_next_90d is not null
    ),
    buyers as (
        select distinct linked.customer_id
        from truth.orders_to_come as orders
        join record_owners using (person_id)
        join warehouse.identity.int_customer_records_linked as linked using (record_id)
        where orders.order_type = 'sale'
            and orders.ordered_at::date <= (select max(as_of_on) from scored) + $days
    )
    select scored.*, buyers.customer_id is not null as has_bought
    from scored
    left join buyers using (customer_id)
"""
_AUC = """
    with ranked as (
        select has_bought,
            rank() over (order by {score}) + (count(*) over (partition by {score}) - 1) / 2.0 as place
        from customers_to_come
        where {score} is not null
    ),
    counted as (
        select count(*) filter (where has_bought) as buyers, count(*) filter (where not has_bought) as others,
            sum(place) filter (where has_bought) as places
        from ranked
    )
    select (places - buyers * (buyers + 1) / 2.0) / nullif(buyers * others, 0) from counted
"""
_TOTALS = """
    select sum(probability), count(*) filter (where has_bought), count(*),
        (select date_diff('day', max(as_of_on), (select max(ordered_at)::date from truth.orders_to_come))
            from customers_to_come)
    from customers_to_come
"""


def _compare(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    with_record_owners(connection)
    connection.execute(_CUSTOMERS, {"days": _WINDOW_DAYS})
    expected, bought, customers, days = connection.execute(_TOTALS).fetchall()[0]
    if not customers or days is None:
        yield Finding(CLAIM.name, "all", None, None, "not computable: nobody was scored, or no later day was simulated")
        return
    reach = f"{customers:,} customers; the truth reaches {min(days, _WINDOW_DAYS)} of {_WINDOW_DAYS} days"
    yield Finding(CLAIM.name, "customers who buy", expected, float(bought), reach)
    for subject, score in (("AUC of the probability", "probability"), ("AUC of recency, the baseline", "recency")):
        found = connection.execute(_AUC.format(score=score)).fetchall()[0][0]
        yield Finding(CLAIM.name, subject, found, 1.0, "0.5 is chance")


CLAIM = Claim(
    "purchases within 90 days",
    (
        "serving.mart_customer_360",
        "warehouse.identity.int_customer_records_linked",
        "warehouse.vault.stg_shop__orders",
    ),
    _compare,
)
