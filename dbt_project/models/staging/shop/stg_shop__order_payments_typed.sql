-- One row per payment of a landed shop order row, typed.
{{ config(materialized='incremental') }}

with payments_unnested as (
    select
        {{ landed_row_id() }} as row_id,
        _file_sha256,
        {{ json_elements('payments', 'payment_json', 'payment_position') }}
    from {{ source('shop', 'orders') }}
    {{ files_not_yet_typed() }}
),

payments_parted as (
    select
        *,
        {{ json_texts('payment_json', [
            'payment_id', 'paid_at', 'amount', 'method', 'status',
        ]) }} as payment_texts
    from payments_unnested
)

select
    row_id || ':' || cast(payment_position as {{ type_text() }}) as landed_payment_id,
    row_id,
    _file_sha256,
    {{ blank_to_null(list_item('payment_texts', 0)) }} as payment_id_shop,
    {{ parse_instant(list_item('payment_texts', 1)) }} as paid_at,
    {{ safe_amount(list_item('payment_texts', 2)) }} as payment_amount,
    {{ blank_to_null(list_item('payment_texts', 3)) }} as payment_method,
    {{ blank_to_null(list_item('payment_texts', 4)) }} as payment_status
from payments_parted
