-- One row per landed shop order row, with its one fate.
{{ judge_rows(ref('stg_shop__orders_typed'), 'shop', 'orders') }}
