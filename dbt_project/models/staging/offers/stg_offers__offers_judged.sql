-- One row per landed offer row, with its one fate.
{{ judge_rows(ref('stg_offers__offers_typed'), 'offers', 'offers') }}
