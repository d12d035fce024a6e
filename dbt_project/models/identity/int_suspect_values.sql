-- One row per source record, attribute, value and reason why the value is suspect.
{{ config(materialized='view', tags=['block_staging']) }}

select
    values_shown.record_id,
    values_shown.attribute,
    values_suspected.reason_code,
    values_shown.value_hash
from {{ ref('int_values_shown') }} as values_shown
inner join {{ ref('int_values_suspected') }} as values_suspected
    on
        values_shown.attribute = values_suspected.attribute
        and values_shown.value_hash = values_suspected.value_hash
