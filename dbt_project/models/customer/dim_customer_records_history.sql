-- One row per source record and customer that it belonged to, with the nights.
{{ config(tags=['block_customer'], contract={'enforced': true}) }}

select
    {{ hash_text(
        "concat_ws('|', record_id, cast(valid_from_on as " ~ type_text() ~ "))"
    ) }} as customer_record_id,
    record_id,
    customer_id,
    valid_from_on,
    valid_to_on
from {{ source('identity', 'customer_records_history') }}
where valid_from_on <= {{ as_of_on() }}
