-- One row per Online Retail invoice with an accepted line.
{{ config(materialized='view') }}

-- A few invoices carry two neighbouring minutes: the first is when it was ordered.
select
    invoice_no,
    min(order_type) as order_type,
    min(invoiced_at) as ordered_at,
    min(customer_number) as customer_number,
    min(country_code) as country_code,
    min(currency_code) as currency_code
from {{ ref('stg_online_retail__lines') }}
group by invoice_no
