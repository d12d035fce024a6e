-- One row per landed catalogue product row, with its one fate.
{{ judge_rows(ref('stg_catalogue__products_typed'), 'catalogue', 'products') }}
