-- One row per accepted Online Retail line; equal lines are one.
{{ replace_touched('stg_online_retail__invoices_touched', 'invoice_no') }}

with lines_typed as (
    select *
    from {{ ref('stg_online_retail__lines_typed') }}
    where {{ is_touched('invoice_no') }}
),

rows_kept as (
    select row_id
    from {{ ref('stg_online_retail__lines_judged') }}
    where row_fate in ('accepted', 'repaired')
),

lines_kept as (
    select lines_typed.*
    from lines_typed
    inner join rows_kept on lines_typed.row_id = rows_kept.row_id
),

line_types as (
    select * from {{ ref('online_retail_line_types') }}
),

stock_codes_grouped as (
    select stock_code
    from lines_kept
    group by stock_code
),

-- The patterns are ordered and the last one matches all: one type per stock code.
stock_codes_classified as (
    select
        stock_codes_grouped.stock_code,
        line_types.line_type,
        line_types.is_revenue
    from stock_codes_grouped
    inner join line_types
        on
            {{ matches_fully(
                'stock_codes_grouped.stock_code',
                'line_types.stock_code_pattern',
                is_column=true,
            ) }}
    qualify
        row_number() over (
            partition by stock_codes_grouped.stock_code
            order by line_types.pattern_rank
        ) = 1
)

select
    -- The content is the key, so that the id does not depend on the file it came in.
    'online_retail:' || lines_kept.row_hash as order_line_id,
    lines_kept.invoice_no,
    lines_kept.order_type,
    lines_kept.stock_code,
    lines_kept.product_name,
    stock_codes_classified.line_type,
    stock_codes_classified.is_revenue,
    lines_kept.quantity,
    lines_kept.invoiced_at,
    lines_kept.unit_price,
    cast(round(lines_kept.quantity * lines_kept.unit_price, 2) as decimal(18, 2))
        as line_amount,
    -- The file names no currency; its publisher says that all prices are sterling.
    'GBP' as currency_code,
    lines_kept.customer_number,
    lines_kept.country_code,
    lines_kept.row_id
from lines_kept
inner join stock_codes_classified
    on lines_kept.stock_code = stock_codes_classified.stock_code
