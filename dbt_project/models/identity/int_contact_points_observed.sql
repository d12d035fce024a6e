-- One row per source record, identifier type and normalised value seen on it.
{{ config(schema='vault', tags=['block_staging', 'pii']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

with identifiers_unioned as (
    select
        'crm:contacts:' || contact_id_crm as record_id,
        'crm' as source,
        'email' as identifier_type,
        email as identifier_value
    from {{ ref('stg_crm__contacts') }}

    union all

    select
        'crm:contacts:' || contact_id_crm as record_id,
        'crm' as source,
        'phone' as identifier_type,
        phone as identifier_value
    from {{ ref('stg_crm__contacts') }}

    union all

    select
        record_id,
        'shop' as source,
        'email' as identifier_type,
        email as identifier_value
    from {{ ref('stg_shop__orders') }}

    union all

    select
        record_id,
        'shop' as source,
        'phone' as identifier_type,
        phone as identifier_value
    from {{ ref('stg_shop__orders') }}
)

select
    record_id,
    source,
    identifier_type,
    identifier_value,
    {{ hash_text('identifier_value') }} as identifier_hash
from identifiers_unioned
where
    record_id is not null
    and identifier_value is not null
    and {{ is_touched('record_id') }}
group by record_id, source, identifier_type, identifier_value
