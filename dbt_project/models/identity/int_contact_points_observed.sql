-- One row per source record and e-mail address or phone number seen on it.
{{ config(schema='vault', tags=['block_staging', 'pii']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

with contact_points_unioned as (
    {% for identifier_type in ['email', 'phone'] %}
        select
            'crm:contacts:' || contact_id_crm as record_id,
            'crm' as source,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            false as is_verified,
            updated_at as observed_at
        from {{ ref('stg_crm__contacts') }}

        union all

        select
            'shop:accounts:' || account_id_shop as record_id,
            'shop' as source,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            {{
                'coalesce(is_email_verified, false)'
                if identifier_type == 'email' else 'false'
            }} as is_verified,
            updated_at as observed_at
        from {{ ref('stg_shop__accounts') }}

        union all

        select
            record_id,
            'shop' as source,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            false as is_verified,
            ordered_at as observed_at
        from {{ ref('stg_shop__orders') }}

        union all

        select
            'loyalty:members:' || card_number as record_id,
            'loyalty' as source,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            false as is_verified,
            {{ start_of_day('listed_on') }} as observed_at
        from {{ ref('stg_loyalty__members') }}

        union all

        select
            'contact_centre:tickets:' || ticket_id_contact_centre as record_id,
            'contact_centre' as source,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            false as is_verified,
            opened_at as observed_at
        from {{ ref('stg_contact_centre__tickets') }}

        union all
    {% endfor %}

    select
        'pos:cards:' || card_number as record_id,
        'pos' as source,
        'email' as identifier_type,
        receipt_email as identifier_value,
        false as is_verified,
        sold_at as observed_at
    from {{ ref('stg_pos__receipts') }}
)

select
    record_id,
    source,
    identifier_type,
    identifier_value,
    {{ hash_text('identifier_value') }} as identifier_hash,
    bool_or(is_verified) as is_verified,
    min(observed_at) as first_observed_at,
    max(observed_at) as last_observed_at
from contact_points_unioned
where
    record_id is not null
    and identifier_value is not null
    and {{ is_touched('record_id') }}
group by record_id, source, identifier_type, identifier_value
