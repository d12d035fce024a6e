-- One row per landed newsletter event, with its one fate.
{{ judge_rows(ref('stg_newsletter__events_typed'), 'newsletter', 'events') }}
