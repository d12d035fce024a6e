-- One row per landed shop account row, with its one fate.
{{ judge_rows(ref('stg_shop__accounts_typed'), 'shop', 'accounts') }}
