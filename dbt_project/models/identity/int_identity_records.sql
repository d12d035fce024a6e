-- One row per source record of a person: contact, account or guest, customer number.
{{ config(tags=['block_staging']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

select
    'crm:contacts:' || contact_id_crm as record_id,
    'crm' as source,
    created_at as first_seen_at
from {{ ref('stg_crm__contacts') }}
where {{ is_touched("'crm:contacts:' || contact_id_crm") }}

union all

select
    record_id,
    'shop' as source,
    min(ordered_at) as first_seen_at
from {{ ref('stg_shop__orders') }}
where record_id is not null and {{ is_touched('record_id') }}
group by record_id

union all

select
    'online_retail:customers:' || customer_number as record_id,
    'online_retail' as source,
    min(ordered_at) as first_seen_at
from {{ ref('stg_online_retail__orders') }}
where
    customer_number is not null
    and {{ is_touched("'online_retail:customers:' || customer_number") }}
group by customer_number
