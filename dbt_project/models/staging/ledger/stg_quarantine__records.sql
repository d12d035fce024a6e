-- One row per file and reason for which records were refused at landing.
{{ config(materialized='view') }}

-- Only the counts: the refused bytes may hold anything and stay in the lake.
select
    _source as source,
    _feed as feed,
    _file_sha256 as file_sha256,
    reason_code,
    count(*) as records_count
from {{ source('quarantine', 'records') }}
group by source, feed, file_sha256, reason_code
