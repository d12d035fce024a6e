-- One row per landed loyalty member row, with its one fate.
{{ judge_rows(ref('stg_loyalty__members_typed'), 'loyalty', 'members') }}
