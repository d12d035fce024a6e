-- Fails for each landed file whose rows are judged without a delivery in the ledger.
{{ config(
    tags=['block_staging'],
    meta={'dagster': {'ref': {'name': 'int_rows_judged'}}},
) }}

with rows_judged as (
    select
        source,
        feed,
        file_sha256,
        count(*) as rows_count
    from {{ ref('int_rows_judged') }}
    group by source, feed, file_sha256
),

files_landed as (
    select
        source,
        feed,
        file_sha256
    from {{ ref('stg_ledger__files') }}
    where file_fate = 'landed'
)

select
    rows_judged.source,
    rows_judged.feed,
    rows_judged.file_sha256,
    rows_judged.rows_count
from rows_judged
left join files_landed
    on
        rows_judged.source = files_landed.source
        and rows_judged.feed = files_landed.feed
        and rows_judged.file_sha256 = files_landed.file_sha256
where files_landed.file_sha256 is null
