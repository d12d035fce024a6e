-- One row per night and measure of the customers that identity made, up to this night.
{{ config(tags=['block_customer'], contract={'enforced': true}) }}

select
    {{ hash_text(
        "concat_ws('|', cast(as_of_on as " ~ type_text() ~ "), measure, subject)"
    ) }} as identity_measure_id,
    as_of_on as measured_on,
    measure,
    subject,
    value as measured_value,
    limit_value,
    reason_text
from {{ source('identity', 'agreement') }}
where as_of_on <= {{ as_of_on() }}
