-- One row per delivered file, feed, day and fate of the file.
{{ config(materialized='view') }}

with deliveries_numbered as (
    select
        source,
        feed,
        file_name,
        file_sha256,
        cast(delivered_on as date) as delivered_on,
        file_fate,
        coalesce(reason_code, '') as reason_code,
        records_count,
        row_number() over (
            partition by source, feed, file_sha256, file_fate = 'refused'
            order by file_name asc, delivered_on asc, _ingested_at asc, file_fate desc
        ) as delivery_number
    from {{ source('ledger', 'files') }}
),

-- Which of several deliveries of the same bytes came first is chance: the first by
-- name counts as the one that landed, so that any order of delivery reads the same.
deliveries_judged as (
    select
        source,
        feed,
        file_name,
        file_sha256,
        delivered_on,
        case
            when file_fate = 'refused' then 'refused'
            when delivery_number = 1 then 'landed'
            else 'already_landed'
        end as file_fate,
        case
            when file_fate = 'refused' then reason_code
            when delivery_number = 1 then ''
            else 'already_landed'
        end as file_reason_code,
        records_count
    from deliveries_numbered
)

-- The same bytes dropped again under the same name on the same day add up.
select
    source,
    feed,
    file_name,
    file_sha256,
    delivered_on,
    file_fate,
    file_reason_code,
    count(*) as deliveries_count,
    cast(sum(records_count) as bigint) as records_count
from deliveries_judged
group by
    source, feed, file_name, file_sha256, delivered_on, file_fate, file_reason_code
