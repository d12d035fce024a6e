-- One row per landed web event: typed, and what its rules say.
{{ config(materialized='incremental') }}

with events_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('web', 'events')) }} as row_hash,
        {{ json_texts('properties', [
            'path', 'sku', 'order_id', 'query', 'step', 'field', 'x', 'y', 'value',
            'variant',
        ]) }} as property_texts,
        {{ json_texts('context', [
            'session_id', 'device.type', 'page.path', 'campaign.source',
            'campaign.medium', 'campaign.name', 'message_id',
        ]) }} as context_texts
    from {{ source('web', 'events') }}
    {{ files_not_yet_typed() }}
),

web_event_types as (
    select * from {{ ref('web_event_types') }}
),

events_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.message_id') }} as event_id_web,
        {{ blank_to_null('landed.anonymous_id') }} as device_id,
        {{ blank_to_null('landed.user_id') }} as account_id_shop,
        case
            when landed.call_type = 'page' and landed.event_name is null
                then 'page_viewed'
            else web_event_types.event_type
        end as event_type,
        {{ parse_instant('landed.occurred_at') }} as occurred_at,
        {{ parse_instant('landed.original_at') }} as original_at,
        {{ parse_instant('landed.sent_at') }} as sent_at,
        {{ list_item('landed.context_texts', 0) }} as session_id_web,
        coalesce(
            {{ list_item('landed.property_texts', 0) }},
            {{ list_item('landed.context_texts', 2) }}
        ) as page_path,
        {{ list_item('landed.property_texts', 1) }} as sku,
        {{ list_item('landed.property_texts', 2) }} as order_id_shop,
        {{ list_item('landed.property_texts', 3) }} as search_query,
        {{ list_item('landed.property_texts', 4) }} as checkout_step,
        {{ list_item('landed.property_texts', 5) }} as form_field,
        {{ safe_integer(list_item('landed.property_texts', 6)) }} as x_px,
        {{ safe_integer(list_item('landed.property_texts', 7)) }} as y_px,
        {{ list_item('landed.property_texts', 8) }} as event_value,
        {{ list_item('landed.property_texts', 9) }} as experiment_variant,
        {{ list_item('landed.context_texts', 1) }} as device_type,
        {{ list_item('landed.context_texts', 3) }} as utm_source,
        {{ list_item('landed.context_texts', 4) }} as utm_medium,
        {{ list_item('landed.context_texts', 5) }} as utm_campaign,
        {{ list_item('landed.context_texts', 6) }} as entry_message_id
    from events_landed as landed
    left join web_event_types on landed.event_name = web_event_types.event_name
)

select
    *,
    case
        when event_id_web is null then 'message_id_missing'
        when event_type is null then 'event_not_known'
        when occurred_at is null then 'timestamp_invalid'
        when device_id is null then 'device_missing'
    end as rejection_reason_code,
    cast(null as {{ type_text() }}) as repair_reason_code
from events_cleaned
