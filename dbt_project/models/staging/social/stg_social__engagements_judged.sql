-- One row per landed engagement in a social network, with its one fate.
{{ judge_rows(ref('stg_social__engagements_typed'), 'social', 'engagements') }}
