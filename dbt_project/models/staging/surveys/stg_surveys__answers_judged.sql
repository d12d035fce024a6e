-- One row per landed survey answer, with its one fate.
{{ judge_rows(ref('stg_surveys__answers_typed'), 'surveys', 'answers') }}
