"""What a grouping of records into customers means in the warehouse of the last night: value, segment and consent.

Belongs here: the sums that dbt makes of customers, for customers that are not there yet. Does not belong here: which
records would be one customer (`previews`). The segment is the dbt model int_customers_scored_rfm's, over everybody else
as they are and these customers as they would be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import duckdb
import pyarrow as pa

_VALUE_SQL = """
with orders_of_records as (
    select
        records_grouped.customer_id,
        orders.order_type,
        orders.ordered_on,
        orders.net_revenue_amount
    from records_grouped
    join customer.int_orders_unified as unified using (record_id)
    join customer.fct_orders as orders using (order_id)
),

orders_of_others as (
    select customer_id, order_type, ordered_on, net_revenue_amount
    from customer.fct_orders
    where customer_id is not null and customer_id not in (select customer_id from customers_regrouped)
),

customers_summed as (
    select
        customer_id,
        max(ordered_on) filter (order_type = 'sale') as last_ordered_on,
        count(*) filter (order_type = 'sale') as orders_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(net_revenue_amount) filter (order_type in ('sale', 'return')) as ranked_amount
    from (from orders_of_records union all from orders_of_others)
    group by customer_id
),

customers_ranked as (
    select
        customer_id,
        percent_rank() over (order by last_ordered_on) as recency_rank,
        percent_rank() over (order by orders_count) as frequency_rank,
        percent_rank() over (order by ranked_amount) as monetary_rank
    from customers_summed
    where orders_count > 0
),

customers_segmented as (
    select customer_id, segment_code
    from customers_ranked
    join reference.rfm_grid as grid
        on grid.recency_score = least(5, 1 + floor(5 * recency_rank))
        and grid.frequency_score = least(5, 1 + floor(5 * frequency_rank))
        and grid.monetary_score = least(5, 1 + floor(5 * monetary_rank))
)

select
    records_grouped.customer_id,
    count(*) as records_count,
    coalesce(any_value(orders_count), 0) as orders_count,
    coalesce(any_value(net_revenue_amount), 0)::decimal(18, 2) as net_revenue_amount,
    any_value(segments.segment_name) as segment_name
from records_grouped
left join customers_summed using (customer_id)
left join customers_segmented using (customer_id)
join reference.rfm_segments as segments
    on coalesce(customers_segmented.segment_code, 'no_purchase_yet') = segments.segment_code
group by records_grouped.customer_id
order by records_grouped.customer_id
"""
_CONSENT_SQL = """
with consents_grouped as (
    select customer_id, channel, purpose, min(strictness_rank) as strictness_rank
    from records_grouped
    join customer.int_records_consented using (record_id)
    group by all
)

select customer_id, channel, purpose, consent_status
from consents_grouped
join reference.consent_strictness using (strictness_rank)
order by customer_id, channel, purpose
"""


@dataclass(frozen=True)
class CustomerEffect:
    """One customer, as it is or would be.

    Attributes:
        customer_id: its id.
        records_count: how many records it has.
        orders_count: sales up to the last night.
        net_revenue_amount: net of returns and adjustments, in the reporting currency.
        segment_name: its RFM segment, which is also its audience.
        consents: status by channel and purpose; the strictest of its contact points, nothing where nothing was said.
    """

    customer_id: str
    records_count: int
    orders_count: int
    net_revenue_amount: Decimal
    segment_name: str
    consents: Mapping[tuple[str, str], str] = field(default_factory=dict)


def effects(
    warehouse: duckdb.DuckDBPyConnection, records: pa.Table, *, regrouped: pa.Table
) -> tuple[CustomerEffect, ...]:
    """Return what customers of these records are worth and consent to, ordered by id.

    Args:
        warehouse: an open connection to the warehouse of the last night.
        records: columns `record_id`, `customer_id`: whole customers.
        regrouped: column `customer_id`: those of last night whose records these are, who are not counted beside them.
    """
    warehouse.register("records_grouped", records)
    warehouse.register("customers_regrouped", regrouped)
    valued = warehouse.execute(_VALUE_SQL).fetchall()
    consented = warehouse.execute(_CONSENT_SQL).fetchall()
    warehouse.unregister("records_grouped")
    warehouse.unregister("customers_regrouped")
    consents: dict[str, dict[tuple[str, str], str]] = {}
    for customer_id, channel, purpose, status in consented:
        consents.setdefault(customer_id, {})[channel, purpose] = status
    return tuple(
        CustomerEffect(customer_id, records, orders, amount, segment, consents.get(customer_id, {}))
        for customer_id, records, orders, amount, segment in valued
    )
