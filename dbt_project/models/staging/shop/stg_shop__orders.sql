-- One row per shop order: its latest accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ replace_touched('stg_shop__orders_touched', 'order_id_shop') }}

with orders_typed as (
    select *
    from {{ ref('stg_shop__orders_typed') }}
    where {{ is_touched('order_id_shop') }}
),

rows_kept as (
    select row_id
    from {{ ref('stg_shop__orders_judged') }}
    where row_fate in ('accepted', 'repaired')
)

-- Latest by the source's own clock, then by content: never by arrival.
select
    orders_typed.order_id_shop,
    orders_typed.order_type,
    orders_typed.ordered_at,
    orders_typed.updated_at,
    orders_typed.account_id_shop,
    {{ shop_record_id('orders_typed.account_id_shop', 'orders_typed.email') }}
        as record_id,
    orders_typed.email,
    orders_typed.phone,
    orders_typed.country_code,
    orders_typed.currency_code,
    orders_typed.channel,
    orders_typed.sales_channel,
    orders_typed.coupon_code,
    orders_typed.original_order_id_shop,
    orders_typed.payment_method,
    orders_typed.row_id
from orders_typed
inner join rows_kept on orders_typed.row_id = rows_kept.row_id
qualify
    row_number() over (
        partition by orders_typed.order_id_shop
        order by orders_typed.updated_at desc, orders_typed.row_hash desc
    ) = 1
