-- One row per source record of a person: contact, shop account, customer number.
{{ config(tags=['block_staging']) }}

select
    'crm:contacts:' || contact_id_crm as record_id,
    'crm' as source,
    contact_id_crm as record_id_source,
    created_at as first_seen_at
from {{ ref('stg_crm__contacts') }}

union all

select
    'shop:accounts:' || account_id_shop as record_id,
    'shop' as source,
    account_id_shop as record_id_source,
    min(ordered_at) as first_seen_at
from {{ ref('stg_shop__orders') }}
where account_id_shop is not null
group by account_id_shop

union all

select
    'online_retail:customers:' || customer_number as record_id,
    'online_retail' as source,
    customer_number as record_id_source,
    min(ordered_at) as first_seen_at
from {{ ref('stg_online_retail__orders') }}
where customer_number is not null
group by customer_number
