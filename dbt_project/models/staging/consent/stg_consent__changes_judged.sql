-- One row per landed change of a consent, with its one fate.
{{ judge_rows(ref('stg_consent__changes_typed'), 'consent', 'changes') }}
