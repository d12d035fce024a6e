-- One row per landed engagement in a social network: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with engagements_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('social', 'engagements')) }} as row_hash
    from {{ source('social', 'engagements') }}
    {{ files_not_yet_typed() }}
),

engagements_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('engagement_id') }} as engagement_id_social,
        {{ blank_to_null('network') }} as network,
        lower({{ blank_to_null('handle') }}) as handle,
        {{ blank_to_null('engagement_type') }} as engagement_type,
        {{ blank_to_null('post_id') }} as post_id_social,
        {{ parse_timestamp(
            'substr(engaged_at, 6)', ['%d %b %Y %H:%M:%S +0000']
        ) }} as engaged_at,
        {{ blank_to_null('text') }} as engagement_text
    from engagements_landed
)

select
    *,
    case
        when engagement_id_social is null then 'engagement_id_missing'
        when network is null then 'network_missing'
        when {{ not_accepted(
            'engagement_type', 'social', 'engagements', 'engagement_type'
        ) }}
            then 'engagement_type_not_accepted'
        when engaged_at is null then 'engaged_at_invalid'
    end as rejection_reason_code,
    cast(null as {{ type_text() }}) as repair_reason_code
from engagements_cleaned
