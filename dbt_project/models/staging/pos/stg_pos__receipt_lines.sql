-- One row per line of a till receipt: its accepted version.
with lines_kept as (
    {{ kept_rows(
        ref('stg_pos__receipts_typed'),
        ref('stg_pos__receipts_judged'),
        columns=[
            'receipt_id_pos', 'line_number', 'sku', 'quantity', 'unit_price',
            'discount_amount', 'currency_code',
        ],
        key=['receipt_id_pos', 'line_number'],
    ) }}
)

select
    'pos:' || receipt_id_pos || ':'
    || cast(line_number as {{ type_text() }}) as receipt_line_id,
    receipt_id_pos,
    line_number,
    sku,
    quantity,
    unit_price,
    discount_amount,
    cast(
        round(quantity * unit_price, 2) - discount_amount as decimal(18, 2)
    ) as line_amount,
    currency_code,
    row_id
from lines_kept
