-- One row per order of any source up to this night, before amounts.
{{ config(materialized='view') }}

with orders_unioned as (
    select
        'shop:' || order_id_shop as order_id,
        'shop' as source,
        record_id,
        order_type,
        'shop:' || original_order_id_shop as original_order_id,
        ordered_at,
        country_code,
        currency_code
    from {{ ref('stg_shop__orders') }}

    union all

    select
        'online_retail:' || invoice_no as order_id,
        'online_retail' as source,
        'online_retail:customers:' || customer_number as record_id,
        order_type,
        cast(null as {{ type_text() }}) as original_order_id,
        ordered_at,
        country_code,
        currency_code
    from {{ ref('stg_online_retail__orders') }}
)

select
    order_id,
    source,
    record_id,
    order_type,
    original_order_id,
    ordered_at,
    {{ business_day('ordered_at') }} as ordered_on,
    country_code,
    currency_code
from orders_unioned
where {{ business_day('ordered_at') }} <= {{ as_of_on() }}
