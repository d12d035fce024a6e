-- One row per night and measure of how well customers are told apart and put together.
with measures as (
    select * from {{ ref('fct_identity_measures') }}
)

select
    identity_measure_id,
    {{ as_of_on() }} as as_of_on,
    measured_on,
    measure,
    subject,
    measured_value,
    lag(measured_value) over (
        partition by measure, subject order by measured_on
    ) as previous_value,
    limit_value,
    measured_value is null
    or limit_value is null
    or measured_value <= limit_value as is_within_limit,
    reason_text
from measures
