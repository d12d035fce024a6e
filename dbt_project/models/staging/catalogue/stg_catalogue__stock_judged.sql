-- One row per landed stock count, with its one fate.
{{ judge_rows(ref('stg_catalogue__stock_typed'), 'catalogue', 'stock') }}
