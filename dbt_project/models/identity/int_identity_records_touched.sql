-- One row per source record of which a file speaks that landed since the last build.
{{ config(tags=['block_staging']) }}

-- Of all versions of what is touched, so that a record that lost an order, a receipt or
-- an event to another is among them.
with receipts_touched as (
    select receipt_id_pos
    from {{ ref('stg_pos__receipts_typed') }}
    where {{ files_touched('pos', 'receipts') }}
    group by receipt_id_pos
),

events_touched as (
    select event_id_web
    from {{ ref('stg_web__events_typed') }}
    where {{ files_touched('web', 'events') }}
    group by event_id_web
),

-- A file that came again under another name lists its members for another day.
member_files_listed_again as (
    select file_sha256
    from {{ source('ledger', 'files') }}
    where source = 'loyalty' and feed = 'members'
    group by file_sha256
    having count(distinct file_name) > 1
),

records_unioned as (
    select 'crm:contacts:' || contact_id_crm as record_id
    from {{ ref('stg_crm__contacts_touched') }}

    union all

    select 'shop:accounts:' || account_id_shop as record_id
    from {{ ref('stg_shop__accounts_typed') }}
    where {{ files_touched('shop', 'accounts') }}

    union all

    select
        {{ shop_record_id('orders_typed.account_id_shop', 'orders_typed.email') }}
            as record_id
    from {{ ref('stg_shop__orders_typed') }} as orders_typed
    inner join {{ ref('stg_shop__orders_touched') }} as orders_touched
        on orders_typed.order_id_shop = orders_touched.order_id_shop

    union all

    select 'online_retail:customers:' || lines_typed.customer_number as record_id
    from {{ ref('stg_online_retail__lines_typed') }} as lines_typed
    inner join {{ ref('stg_online_retail__invoices_touched') }} as invoices_touched
        on lines_typed.invoice_no = invoices_touched.invoice_no

    union all

    select 'loyalty:members:' || card_number as record_id
    from {{ ref('stg_loyalty__members_typed') }}
    where {{ files_touched('loyalty', 'members') }}

    union all

    select 'loyalty:members:' || members_typed.card_number as record_id
    from {{ ref('stg_loyalty__members_typed') }} as members_typed
    inner join member_files_listed_again
        on members_typed._file_sha256 = member_files_listed_again.file_sha256

    union all

    select 'pos:cards:' || receipts_typed.card_number as record_id
    from {{ ref('stg_pos__receipts_typed') }} as receipts_typed
    inner join receipts_touched
        on receipts_typed.receipt_id_pos = receipts_touched.receipt_id_pos

    union all

    select 'contact_centre:tickets:' || ticket_id_contact_centre as record_id
    from {{ ref('stg_contact_centre__tickets_typed') }}
    where {{ files_touched('contact_centre', 'tickets') }}

    union all

    select 'web:devices:' || events_typed.device_id as record_id
    from {{ ref('stg_web__events_typed') }} as events_typed
    inner join events_touched on events_typed.event_id_web = events_touched.event_id_web
)

select record_id
from records_unioned
where record_id is not null
group by record_id
