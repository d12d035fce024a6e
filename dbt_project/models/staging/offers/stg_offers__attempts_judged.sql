-- One row per landed attempt to use a coupon, with its one fate.
{{ judge_rows(ref('stg_offers__attempts_typed'), 'offers', 'attempts') }}
