-- One row per column of a feed, as profiled in the last night in which it arrived.
with columns_named as (
    select
        *,
        column_name like '%.%' or column_name like '%[%' as is_leaf
    from {{ ref('stg_profiles__columns') }}
),

-- No contract names a leaf of JSON or an unknown column: what fewer than twenty rows
-- have may be a value that stands where a name should, and is not published.
columns_published as (
    select *
    from columns_named
    where not is_leaf or filled_count >= 20
),

changes_counted as (
    select
        source,
        feed,
        column_name,
        count(*) as changes_count
    from {{ ref('stg_profiles__changes') }}
    group by source, feed, column_name
),

columns_joined as (
    select
        source,
        feed,
        column_name
    from {{ ref('stg_profiles__joins') }}

    union all

    select
        found_in_source as source,
        found_in_feed as feed,
        found_in_column_name as column_name
    from {{ ref('stg_profiles__joins') }}
),

joins_counted as (
    select
        source,
        feed,
        column_name,
        count(*) as joins_count
    from columns_joined
    group by source, feed, column_name
)

select
    {{ hash_text(
        "concat_ws('|', columns_published.source, columns_published.feed, "
        ~ "columns_published.column_name)"
    ) }} as feed_column_id,
    {{ as_of_on() }} as as_of_on,
    columns_published.source,
    columns_published.feed,
    columns_published.column_name,
    columns_published.column_name not like '$_extras%' escape '$' as is_in_contract,
    columns_published.pii,
    columns_published.value_kind,
    columns_published.profiled_on,
    columns_published.files_count,
    columns_published.rows_count,
    columns_published.filled_count,
    columns_published.empty_share,
    columns_published.distinct_count,
    columns_published.is_distinct_exact,
    columns_published.min_length,
    columns_published.max_length,
    columns_published.padded_share,
    -- The shape of an address or a number for dialling tells more than a kind of value.
    case
        when
            columns_published.pii = 'none'
            and columns_published.frequent_pattern not like '%@%'
            and columns_published.frequent_pattern not like '%+%'
            then columns_published.frequent_pattern
    end as frequent_pattern,
    columns_published.frequent_pattern_share,
    columns_published.integer_share,
    columns_published.decimal_share,
    columns_published.date_share,
    columns_published.boolean_share,
    columns_published.email_share,
    columns_published.phone_share,
    columns_published.uuid_share,
    columns_published.json_share,
    coalesce(changes_counted.changes_count, 0) as changes_count,
    coalesce(joins_counted.joins_count, 0) as joins_count
from columns_published
left join changes_counted
    on
        columns_published.source = changes_counted.source
        and columns_published.feed = changes_counted.feed
        and columns_published.column_name = changes_counted.column_name
left join joins_counted
    on
        columns_published.source = joins_counted.source
        and columns_published.feed = joins_counted.feed
        and columns_published.column_name = joins_counted.column_name
