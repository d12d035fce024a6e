-- One row per edge, identifier or decision that a guard did not follow.
{{ config(materialized='view', tags=['block_customer']) }}

select
    {{ hash_text(
        "concat_ws('|', guard, reason_code, coalesce(record_id_left, ''), "
        ~ "coalesce(record_id_right, ''), rule, coalesce(identifier_hash, ''))"
    ) }} as review_id,
    guard,
    reason_code,
    record_id_left,
    record_id_right,
    rule,
    identifier_hash,
    match_weight,
    records_count,
    evidence_json,
    as_of_on
from {{ source('identity', 'review_queue') }}
