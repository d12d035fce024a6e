-- One row per landed row of advertising spend: typed, and what its rules say.
{{ config(materialized='incremental') }}

with spend_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('ads', 'spend')) }} as row_hash
    from {{ source('ads', 'spend') }}
    {{ files_not_yet_typed() }}
),

spend_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        cast({{ parse_timestamp('spend_on', ['%d.%m.%Y']) }} as date) as spend_on,
        {{ blank_to_null('campaign') }} as campaign_name,
        {{ blank_to_null('channel') }} as channel,
        {{ safe_amount(plain_decimal('spend', ',')) }} as spend_amount,
        '{{ var("reporting_currency_code") }}' as currency_code,
        {{ safe_integer(plain_decimal('impressions', ',')) }} as impressions_count,
        {{ safe_integer(plain_decimal('clicks', ',')) }} as clicks_count,
        {{ local_to_utc(
            parse_timestamp('exported_at', ['%d.%m.%Y %H:%M']), 'Europe/London'
        ) }} as exported_at
    from spend_landed
)

select
    *,
    case
        when spend_on is null then 'spend_on_invalid'
        when campaign_name is null then 'campaign_missing'
        when channel is null then 'channel_missing'
        when spend_amount is null then 'spend_invalid'
        when exported_at is null then 'exported_at_invalid'
    end as rejection_reason_code,
    cast(null as {{ type_text() }}) as repair_reason_code
from spend_cleaned
