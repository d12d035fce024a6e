-- One row per measure of a column that changed when its feed arrived last.
{{ config(materialized='view') }}

with feeds_dated as (
    select
        source,
        feed,
        max(profiled_on) as profiled_on
    from {{ ref('stg_profiles__columns') }}
    group by source, feed
)

select
    drift.source,
    drift.feed,
    drift.column_name,
    drift.measure,
    drift.as_of_on as profiled_on,
    drift.previous_on,
    drift.reason_code,
    drift.reason_text,
    drift.previous_value,
    drift.value as current_value
from {{ source('profiles', 'drift') }} as drift
inner join feeds_dated
    on
        drift.source = feeds_dated.source
        and drift.feed = feeds_dated.feed
        and drift.as_of_on = feeds_dated.profiled_on
