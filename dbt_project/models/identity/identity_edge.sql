-- One row per pair of source records and rule that speaks for or against one person.
{{ config(materialized='view', tags=['block_customer']) }}

select
    {{ hash_text(
        "concat_ws('|', record_id_left, record_id_right, edge_kind, rule, identifier_hash)"
    ) }} as edge_id,
    record_id_left,
    record_id_right,
    edge_kind,
    rule,
    identifier_hash,
    priority,
    match_weight,
    match_probability,
    evidence_json,
    observed_on,
    model_id
from {{ source('identity', 'edges') }}
