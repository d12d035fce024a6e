-- One row per measure of a feed's column that changed when the feed arrived last.
with changes as (
    select * from {{ ref('stg_profiles__changes') }}
),

columns_published as (
    select
        source,
        feed,
        column_name
    from {{ ref('mart_feed_columns') }}
),

changes_placed as (
    select
        changes.*,
        columns_published.column_name is not null as is_published
    from changes
    left join columns_published
        on
            changes.source = columns_published.source
            and changes.feed = columns_published.feed
            and changes.column_name = columns_published.column_name
)

select
    {{ hash_text("concat_ws('|', source, feed, column_name, measure, reason_code)") }}
        as feed_change_id,
    {{ as_of_on() }} as as_of_on,
    source,
    feed,
    column_name,
    measure,
    profiled_on,
    previous_on,
    reason_code,
    reason_text,
    previous_value,
    current_value
from changes_placed
-- A column of the contract may have vanished; of leaves, those that are published.
where is_published or (column_name not like '%.%' and column_name not like '%[%')
