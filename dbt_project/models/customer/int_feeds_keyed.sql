-- One row per feed with the column by which most of it is found in customers' sources.
{{ config(materialized='view') }}

with sources_linked as (
    select source from {{ ref('int_sources_linked') }}
),

handling as (
    select
        source,
        feed,
        column_name
    from {{ ref('stg_profiles__handling') }}
    where is_key and pii <> 'none'
),

-- What names a person in a source that customers are made of: e-mail addresses, phone
-- numbers, and the keys of feeds about people.
person_keys as (
    select
        columns_profiled.source,
        columns_profiled.feed,
        columns_profiled.column_name
    from {{ ref('stg_profiles__columns') }} as columns_profiled
    inner join sources_linked on columns_profiled.source = sources_linked.source
    left join handling
        on
            columns_profiled.source = handling.source
            and columns_profiled.feed = handling.feed
            and columns_profiled.column_name = handling.column_name
    where
        columns_profiled.value_kind in ('email', 'phone')
        or handling.column_name is not null
),

keys_ranked as (
    select
        joins_found.*,
        row_number() over (
            partition by joins_found.source, joins_found.feed
            order by
                joins_found.containment_low_share desc,
                joins_found.column_name asc,
                joins_found.found_in_source asc,
                joins_found.found_in_feed asc,
                joins_found.found_in_column_name asc
        ) as key_rank
    from {{ ref('stg_profiles__joins') }} as joins_found
    inner join person_keys
        on
            joins_found.found_in_source = person_keys.source
            and joins_found.found_in_feed = person_keys.feed
            and joins_found.found_in_column_name = person_keys.column_name
    where joins_found.source <> joins_found.found_in_source
)

select
    source,
    feed,
    column_name,
    found_in_source,
    found_in_feed,
    found_in_column_name,
    containment_share,
    is_exact
from keys_ranked
where key_rank = 1
