-- One row per delivered file, row fate and reason.
with files as (
    select * from {{ ref('stg_ledger__files') }}
),

-- What was refused at landing, and what the row rules said of what was landed.
fates_counted as (
    select
        source,
        feed,
        file_sha256,
        row_fate,
        reason_code,
        count(*) as records_count
    from {{ ref('int_rows_judged') }}
    group by source, feed, file_sha256, row_fate, reason_code

    union all

    select
        source,
        feed,
        file_sha256,
        'quarantined' as row_fate,
        reason_code,
        records_count
    from {{ ref('stg_quarantine__records') }}
),

-- The bytes of a file land once: all later deliveries of them are copies.
fates_placed as (
    select
        files.source,
        files.feed,
        files.file_name,
        files.file_sha256,
        files.delivered_on,
        case
            when files.file_fate = 'already_landed' then 'duplicate'
            when files.file_fate = 'refused' then 'quarantined'
            else coalesce(fates_counted.row_fate, 'accepted')
        end as row_fate,
        case
            when files.file_fate = 'already_landed' then 'file_already_landed'
            when files.file_fate = 'refused' then files.file_reason_code
            when fates_counted.row_fate is null then 'file_without_records'
            else coalesce(fates_counted.reason_code, '')
        end as reason_code,
        case
            when files.file_fate <> 'landed' then files.records_count
            else coalesce(fates_counted.records_count, 0)
        end as records_count
    from files
    left join fates_counted
        on
            files.file_fate = 'landed'
            and files.source = fates_counted.source
            and files.feed = fates_counted.feed
            and files.file_sha256 = fates_counted.file_sha256
)

select
    {{ hash_text(
        "concat_ws('|', source, feed, file_name, file_sha256, delivered_on, "
        ~ "row_fate, reason_code)"
    ) }} as row_ledger_id,
    source,
    feed,
    file_name,
    file_sha256,
    delivered_on,
    row_fate,
    nullif(reason_code, '') as reason_code,
    cast(sum(records_count) as bigint) as records_count
from fates_placed
group by
    source, feed, file_name, file_sha256, delivered_on, row_fate, reason_code
