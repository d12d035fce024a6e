-- One row per payment of a shop order's latest accepted version.
with payments_typed as (
    select * from {{ ref('stg_shop__order_payments_typed') }}
),

orders as (
    select
        order_id_shop,
        currency_code,
        row_id
    from {{ ref('stg_shop__orders') }}
)

-- A payment without number, instant or amount is none that can be reconciled.
select
    payments_typed.payment_id_shop,
    orders.order_id_shop,
    payments_typed.paid_at,
    payments_typed.payment_amount,
    orders.currency_code,
    payments_typed.payment_method,
    payments_typed.payment_status
from payments_typed
inner join orders on payments_typed.row_id = orders.row_id
where
    payments_typed.payment_id_shop is not null
    and payments_typed.paid_at is not null
    and payments_typed.payment_amount is not null
qualify
    row_number() over (
        partition by payments_typed.payment_id_shop
        order by orders.order_id_shop asc, payments_typed.landed_payment_id asc
    ) = 1
