-- One row per source record of which a file speaks that landed since the last build.
{{ config(tags=['block_staging']) }}

-- Of all versions of what is touched, so that a record that lost an order to another
-- is among them.
with records_unioned as (
    select 'crm:contacts:' || contact_id_crm as record_id
    from {{ ref('stg_crm__contacts_touched') }}

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
)

select record_id
from records_unioned
where record_id is not null
group by record_id
