-- Fails for each delivered file whose fates do not sum to an independent record count.
{{ config(
    tags=['block_serving'],
    meta={'dagster': {'ref': {'name': 'mart_row_ledger'}}},
) }}

with files as (
    select
        source,
        feed,
        file_name,
        file_sha256,
        delivered_on,
        sum(records_count) as records_count
    from {{ ref('stg_ledger__files') }}
    group by source, feed, file_name, file_sha256, delivered_on
),

fates as (
    select
        source,
        feed,
        file_name,
        file_sha256,
        delivered_on,
        sum(records_count) as records_count
    from {{ ref('mart_row_ledger') }}
    group by source, feed, file_name, file_sha256, delivered_on
)

select
    files.source,
    files.feed,
    files.file_name,
    files.delivered_on,
    files.records_count as delivered_records_count,
    fates.records_count as ledger_records_count,
    fates.file_name is not null as is_in_ledger
from files
left join fates
    on
        files.source = fates.source
        and files.feed = fates.feed
        and files.file_name = fates.file_name
        and files.file_sha256 = fates.file_sha256
        and files.delivered_on = fates.delivered_on
-- A refused file that cannot be counted has no count on either side.
where
    fates.file_name is null
    or coalesce(files.records_count, -1) <> coalesce(fates.records_count, -1)
