-- One row per request of a data subject: its accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_privacy_requests__requests_typed'),
    ref('stg_privacy_requests__requests_judged'),
    columns=[
        'request_id_privacy_requests', 'received_at', 'request_type', 'subject_name',
        'email', 'phone', 'contact_text', 'channel', 'note_text',
    ],
    key=['request_id_privacy_requests'],
) }}
