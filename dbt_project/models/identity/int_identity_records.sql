-- One row per source record of a person, from the moment at which the source knew them.
{{ config(tags=['block_staging']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

with records_unioned as (
    select
        'crm:contacts:' || contact_id_crm as record_id,
        'crm' as source,
        created_at as first_seen_at
    from {{ ref('stg_crm__contacts') }}

    union all

    select
        'shop:accounts:' || account_id_shop as record_id,
        'shop' as source,
        created_at as first_seen_at
    from {{ ref('stg_shop__accounts') }}

    union all

    select
        record_id,
        'shop' as source,
        ordered_at as first_seen_at
    from {{ ref('stg_shop__orders') }}

    union all

    select
        'online_retail:customers:' || customer_number as record_id,
        'online_retail' as source,
        ordered_at as first_seen_at
    from {{ ref('stg_online_retail__orders') }}

    union all

    select
        'loyalty:members:' || card_number as record_id,
        'loyalty' as source,
        {{ start_of_day('least(joined_on, listed_on)') }} as first_seen_at
    from {{ ref('stg_loyalty__members') }}

    union all

    select
        'pos:cards:' || card_number as record_id,
        'pos' as source,
        sold_at as first_seen_at
    from {{ ref('stg_pos__receipts') }}

    union all

    select
        'contact_centre:tickets:' || ticket_id_contact_centre as record_id,
        'contact_centre' as source,
        opened_at as first_seen_at
    from {{ ref('stg_contact_centre__tickets') }}
    where coalesce(email, phone, account_id_shop) is not null

    union all

    select
        record_id,
        'web' as source,
        first_logged_in_at as first_seen_at
    from {{ ref('int_devices_logged_in') }}
)

select
    record_id,
    source,
    min(first_seen_at) as first_seen_at
from records_unioned
where record_id is not null and {{ is_touched('record_id') }}
group by record_id, source
