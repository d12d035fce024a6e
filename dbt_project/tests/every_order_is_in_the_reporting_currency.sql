-- Fails for each order line whose amount could not be summed with the others.
{{ config(tags=['block_customer']) }}

select
    order_line_id,
    currency_code
from {{ ref('fct_order_lines') }}
where
    currency_code is null
    or currency_code <> '{{ var("reporting_currency_code") }}'
