-- One row per column of a feed, as profiled in the last night in which it arrived.
{{ config(materialized='view') }}

with columns_profiled as (
    select *
    from {{ source('profiles', 'columns') }}
    where as_of_on <= {{ as_of_on() }}
),

feeds_dated as (
    select
        source,
        feed,
        max(as_of_on) as profiled_on
    from columns_profiled
    group by source, feed
)

select
    columns_profiled.source,
    columns_profiled.feed,
    columns_profiled.column_name,
    feeds_dated.profiled_on,
    columns_profiled.pii,
    columns_profiled.value_kind,
    columns_profiled.files_count,
    columns_profiled.rows_count,
    columns_profiled.filled_count,
    columns_profiled.empty_share,
    columns_profiled.distinct_count,
    columns_profiled.is_distinct_exact,
    columns_profiled.min_length,
    columns_profiled.max_length,
    columns_profiled.padded_share,
    columns_profiled.frequent_pattern,
    columns_profiled.frequent_pattern_share,
    columns_profiled.integer_share,
    columns_profiled.decimal_share,
    columns_profiled.date_share,
    columns_profiled.boolean_share,
    columns_profiled.email_share,
    columns_profiled.phone_share,
    columns_profiled.uuid_share,
    columns_profiled.json_share
from columns_profiled
inner join feeds_dated
    on
        columns_profiled.source = feeds_dated.source
        and columns_profiled.feed = feeds_dated.feed
        and columns_profiled.as_of_on = feeds_dated.profiled_on
