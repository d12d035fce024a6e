-- One row per event in the life of a customer's id up to this night.
{{ config(materialized='view', tags=['block_customer']) }}

select
    {{ hash_text(
        "concat_ws('|', cast(as_of_on as " ~ type_text() ~ "), customer_id, event, "
        ~ "coalesce(other_customer_id, ''))"
    ) }} as lineage_event_id,
    as_of_on,
    customer_id,
    event,
    other_customer_id,
    cause,
    records_count
from {{ source('identity', 'customer_id_lineage') }}
where as_of_on <= {{ as_of_on() }}
