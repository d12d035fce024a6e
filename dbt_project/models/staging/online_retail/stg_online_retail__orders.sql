-- One row per Online Retail invoice with an accepted line.
{{ replace_touched('stg_online_retail__invoices_touched', 'invoice_no') }}

-- A few invoices carry two neighbouring minutes: the first is when it was ordered.
select
    invoice_no,
    min(order_type) as order_type,
    min(invoiced_at) as ordered_at,
    min(customer_number) as customer_number,
    min(country_code) as country_code,
    min(currency_code) as currency_code
from {{ ref('stg_online_retail__lines') }}
where {{ is_touched('invoice_no') }}
group by invoice_no
