-- Fails for each source record seen up to this night that identity gave no customer.
{{ config(
    tags=['block_customer'],
    meta={'dagster': {'ref': {'name': 'int_customer_records_linked'}}},
) }}

with records as (
    select * from {{ ref('int_identity_records') }}
),

records_linked as (
    select * from {{ ref('int_customer_records_linked') }}
)

select
    records.record_id,
    records.source
from records
left join records_linked on records.record_id = records_linked.record_id
where
    records_linked.record_id is null
    and {{ business_day('records.first_seen_at') }} <= {{ as_of_on() }}
