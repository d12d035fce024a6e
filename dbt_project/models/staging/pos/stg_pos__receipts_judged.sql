-- One row per landed till receipt line, with its one fate.
{{ judge_rows(ref('stg_pos__receipts_typed'), 'pos', 'receipts') }}
