-- One row per delivered file, feed, day and fate of the file.
{{ config(materialized='view') }}

-- The same bytes dropped again under the same name on the same day add up.
select
    source,
    feed,
    file_name,
    file_sha256,
    cast(delivered_on as date) as delivered_on,
    file_fate,
    coalesce(reason_code, '') as file_reason_code,
    count(*) as deliveries_count,
    cast(sum(records_count) as bigint) as records_count
from {{ source('ledger', 'files') }}
group by
    source, feed, file_name, file_sha256, delivered_on, file_fate, file_reason_code
