-- One row per feed: what it delivered, and how much of it is known to other sources.
with feeds as (
    select
        source,
        feed,
        max(case when pii <> 'none' then 1 else 0 end) = 1 as is_about_people
    from {{ ref('stg_profiles__handling') }}
    group by source, feed
),

records_counted as (
    select
        source,
        feed,
        sum(case when row_fate in ('accepted', 'repaired') then records_count end)
            as records_count,
        sum(case when row_fate in ('quarantined', 'rejected') then records_count end)
            as refused_records_count,
        max(delivered_on) as last_delivered_on
    from {{ ref('mart_row_ledger') }}
    group by source, feed
),

sources_linked as (
    select * from {{ ref('int_sources_linked') }}
),

joins_found as (
    select * from {{ ref('stg_profiles__joins') }}
),

feeds_joined as (
    select
        source,
        feed,
        count(distinct found_in_source || '/' || found_in_feed) as joined_feeds_count
    from joins_found
    group by source, feed
),

keys_found as (
    select * from {{ ref('int_feeds_keyed') }}
)

select
    {{ hash_text("concat_ws('|', feeds.source, feeds.feed)") }} as source_coverage_id,
    {{ as_of_on() }} as as_of_on,
    feeds.source,
    feeds.feed,
    cast(coalesce(records_counted.records_count, 0) as bigint) as records_count,
    cast(coalesce(records_counted.refused_records_count, 0) as bigint)
        as refused_records_count,
    records_counted.last_delivered_on,
    coalesce(feeds_joined.joined_feeds_count, 0) as joined_feeds_count,
    sources_linked.person_records_count,
    sources_linked.linked_records_count,
    sources_linked.matched_records_count,
    keys_found.column_name as key_column_name,
    keys_found.found_in_source as key_found_in_source,
    keys_found.found_in_feed as key_found_in_feed,
    keys_found.found_in_column_name as key_found_in_column_name,
    keys_found.containment_share as key_found_share,
    keys_found.is_exact as is_key_found_share_exact,
    -- Records where customers are made of the source's, else values of its best key.
    case
        when sources_linked.source is not null
            then
                1 - cast(sources_linked.matched_records_count as double)
                / sources_linked.person_records_count
        else 1 - keys_found.containment_share
    end as unmatched_share,
    case
        when sources_linked.source is not null then 'records'
        when keys_found.source is not null then 'values'
    end as unmatched_of,
    case
        when coalesce(sources_linked.source, keys_found.source) is not null then null
        when not feeds.is_about_people then 'not_about_people'
        when records_counted.last_delivered_on is null then 'never_delivered'
        else 'no_key_found'
    end as unmatched_reason_code
from feeds
left join records_counted
    on feeds.source = records_counted.source and feeds.feed = records_counted.feed
left join feeds_joined
    on feeds.source = feeds_joined.source and feeds.feed = feeds_joined.feed
left join sources_linked on feeds.source = sources_linked.source
left join keys_found
    on feeds.source = keys_found.source and feeds.feed = keys_found.feed
