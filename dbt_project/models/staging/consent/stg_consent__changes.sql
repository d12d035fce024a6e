-- One row per change of a consent: its accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_consent__changes_typed'),
    ref('stg_consent__changes_judged'),
    columns=[
        'consent_change_id_consent', 'contact_type', 'contact_point', 'account_id_shop',
        'purpose', 'channel', 'consent_status', 'changed_at', 'policy_version',
        'proof_type', 'proof_reference',
    ],
    key=['consent_change_id_consent'],
) }}
