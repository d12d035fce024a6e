-- One row per column of a feed and column of another feed that holds its values.
select
    {{ hash_text(
        "concat_ws('|', source, feed, column_name, "
        ~ "found_in_source, found_in_feed, found_in_column_name)"
    ) }} as feed_join_id,
    {{ as_of_on() }} as as_of_on,
    source,
    feed,
    column_name,
    found_in_source,
    found_in_feed,
    found_in_column_name,
    compared_on,
    join_type,
    distinct_count,
    found_in_distinct_count,
    compared_count,
    shared_count,
    containment_share,
    containment_low_share,
    containment_high_share,
    is_exact
from {{ ref('stg_profiles__joins') }}
