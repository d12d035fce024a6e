-- One row per till receipt.
{{ config(schema='vault', tags=['pii']) }}

with lines_typed as (
    select * from {{ ref('stg_pos__receipts_typed') }}
),

lines_kept as (
    select row_id from {{ ref('stg_pos__receipt_lines') }}
)

-- What a receipt says of itself stands on each of its lines: the first one tells it.
select
    lines_typed.receipt_id_pos,
    lines_typed.receipt_type,
    lines_typed.sold_at,
    lines_typed.store_id,
    lines_typed.till_number,
    lines_typed.cashier_id_pos,
    lines_typed.original_receipt_id_pos,
    lines_typed.card_number,
    lines_typed.receipt_email,
    lines_typed.payment_method,
    lines_typed.currency_code,
    lines_typed.row_id
from lines_typed
inner join lines_kept on lines_typed.row_id = lines_kept.row_id
qualify
    row_number() over (
        partition by lines_typed.receipt_id_pos
        order by lines_typed.line_number asc, lines_typed.row_hash desc
    ) = 1
