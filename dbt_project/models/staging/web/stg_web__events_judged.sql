-- One row per landed web event, with its one fate.
{{ judge_rows(ref('stg_web__events_typed'), 'web', 'events') }}
