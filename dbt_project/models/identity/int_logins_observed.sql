-- One row per source record and log-in or loyalty card that it shows.
{{ config(tags=['block_staging']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

with logins_unioned as (
    select
        'shop:accounts:' || account_id_shop as record_id,
        'login_id' as identifier_type,
        account_id_shop as identifier_value,
        true as is_verified,
        created_at as first_observed_at,
        updated_at as last_observed_at
    from {{ ref('stg_shop__accounts') }}

    union all

    select
        record_id,
        'login_id' as identifier_type,
        account_id_shop as identifier_value,
        true as is_verified,
        ordered_at as first_observed_at,
        ordered_at as last_observed_at
    from {{ ref('stg_shop__orders') }}

    union all

    select
        record_id,
        'login_id' as identifier_type,
        account_id_shop as identifier_value,
        true as is_verified,
        first_logged_in_at as first_observed_at,
        last_logged_in_at as last_observed_at
    from {{ ref('int_devices_logged_in') }}

    union all

    -- Told by the requester or the agent: no log-in stands behind it.
    select
        'contact_centre:tickets:' || ticket_id_contact_centre as record_id,
        'login_id' as identifier_type,
        account_id_shop as identifier_value,
        false as is_verified,
        opened_at as first_observed_at,
        opened_at as last_observed_at
    from {{ ref('stg_contact_centre__tickets') }}

    union all

    select
        'loyalty:members:' || card_number as record_id,
        'loyalty_card' as identifier_type,
        card_number as identifier_value,
        true as is_verified,
        {{ start_of_day('least(joined_on, listed_on)') }} as first_observed_at,
        {{ start_of_day('listed_on') }} as last_observed_at
    from {{ ref('stg_loyalty__members') }}

    union all

    select
        'pos:cards:' || card_number as record_id,
        'loyalty_card' as identifier_type,
        card_number as identifier_value,
        true as is_verified,
        sold_at as first_observed_at,
        sold_at as last_observed_at
    from {{ ref('stg_pos__receipts') }}
)

select
    record_id,
    identifier_type,
    identifier_value,
    {{ hash_text('identifier_value') }} as identifier_hash,
    bool_or(is_verified) as is_verified,
    min(first_observed_at) as first_observed_at,
    max(last_observed_at) as last_observed_at
from logins_unioned
where
    record_id is not null
    and identifier_value is not null
    and {{ is_touched('record_id') }}
group by record_id, identifier_type, identifier_value
