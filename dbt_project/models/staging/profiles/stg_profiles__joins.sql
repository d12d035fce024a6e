-- One row per column of a feed and column of another feed that holds its values.
{{ config(materialized='view') }}

select
    source,
    feed,
    column_name,
    found_in_source,
    found_in_feed,
    found_in_column_name,
    as_of_on as compared_on,
    join_type,
    distinct_count,
    found_in_distinct_count,
    compared_count,
    shared_count,
    containment_share,
    containment_low_share,
    containment_high_share,
    is_exact
from {{ source('profiles', 'joins') }}
