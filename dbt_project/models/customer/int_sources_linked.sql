-- One row per source whose records of persons are linked to customers.
{{ config(materialized='view') }}

with records_seen as (
    select
        record_id,
        source
    from {{ ref('int_identity_records') }}
    where {{ business_day('first_seen_at') }} <= {{ as_of_on() }}
),

records_linked as (
    select
        record_id,
        customer_id,
        source
    from {{ ref('int_customer_records_linked') }}
),

customers_counted as (
    select
        customer_id,
        count(distinct source) as sources_count
    from records_linked
    group by customer_id
)

select
    records_seen.source,
    count(*) as person_records_count,
    count(records_linked.customer_id) as linked_records_count,
    count(case when customers_counted.sources_count > 1 then 1 end)
        as matched_records_count
from records_seen
left join records_linked on records_seen.record_id = records_linked.record_id
left join customers_counted
    on records_linked.customer_id = customers_counted.customer_id
group by records_seen.source
