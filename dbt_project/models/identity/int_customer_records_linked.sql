-- One row per source record seen up to this night, with the customer it belongs to.
{{ config(tags=['block_customer']) }}

with records as (
    select * from {{ ref('int_identity_records') }}
),

assignments as (
    select * from {{ source('identity', 'customer_records') }}
)

select
    records.record_id,
    assignments.customer_id,
    records.source,
    assignments.cluster_rule,
    records.first_seen_at,
    {{ business_day('records.first_seen_at') }} as first_seen_on
from records
inner join assignments on records.record_id = assignments.record_id
where {{ business_day('records.first_seen_at') }} <= {{ as_of_on() }}
