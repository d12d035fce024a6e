-- One row per landed product review, with its one fate.
{{ judge_rows(ref('stg_surveys__reviews_typed'), 'surveys', 'reviews') }}
