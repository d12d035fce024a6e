-- One row per customer, or two customers, and reason to suspect the number of people.
{{ config(materialized='view', tags=['block_customer']) }}

select
    {{ hash_text(
        "concat_ws('|', suspect_type, reason_code, customer_id, coalesce(other_customer_id, ''))"
    ) }} as suspect_id,
    as_of_on,
    suspect_type,
    reason_code,
    customer_id,
    other_customer_id,
    record_id_left,
    record_id_right,
    rule,
    match_weight,
    records_count
from {{ source('identity', 'suspects') }}
