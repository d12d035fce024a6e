-- One row per customer, identifier type, value and source that knows it.
{{ config(schema='vault', tags=['pii'], contract={'enforced': true}) }}
{{ replace_touched('int_customers_touched', 'customer_id') }}

with contact_points as (
    select * from {{ ref('int_contact_points_observed') }}
),

records_linked as (
    select *
    from {{ ref('int_customer_records_linked') }}
    where {{ is_touched('customer_id') }}
)

select
    records_linked.customer_id,
    contact_points.identifier_type,
    contact_points.identifier_value,
    contact_points.source,
    contact_points.identifier_hash,
    count(*) as records_count
from contact_points
inner join records_linked on contact_points.record_id = records_linked.record_id
group by
    records_linked.customer_id,
    contact_points.identifier_type,
    contact_points.identifier_value,
    contact_points.source,
    contact_points.identifier_hash
