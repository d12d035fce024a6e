-- One row per landed row of advertising spend, with its one fate.
{{ judge_rows(ref('stg_ads__spend_typed'), 'ads', 'spend') }}
