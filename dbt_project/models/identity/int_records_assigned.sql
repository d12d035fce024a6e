-- One row per source record seen up to this night, with the customer it now has.
{{ config(materialized='view', tags=['block_customer']) }}

select
    records.record_id,
    assignments.customer_id,
    records.source,
    assignments.cluster_rule,
    records.first_seen_at,
    {{ business_day('records.first_seen_at') }} as first_seen_on
from {{ ref('int_identity_records') }} as records
inner join {{ source('identity', 'customer_records') }} as assignments
    on records.record_id = assignments.record_id
where {{ business_day('records.first_seen_at') }} <= {{ as_of_on() }}
