-- One row per landed request of a data subject, with its one fate.
{{ judge_rows(
    ref('stg_privacy_requests__requests_typed'), 'privacy_requests', 'requests'
) }}
