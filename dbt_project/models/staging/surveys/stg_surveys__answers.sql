-- One row per answered survey: its accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_surveys__answers_typed'),
    ref('stg_surveys__answers_judged'),
    columns=[
        'response_id_surveys', 'email', 'survey_type', 'asked_at', 'answered_at',
        'score', 'stated_category', 'stated_channel', 'stated_frequency',
        'comment_text',
    ],
    key=['response_id_surveys'],
) }}
