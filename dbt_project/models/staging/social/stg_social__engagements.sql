-- One row per engagement in a social network: its accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_social__engagements_typed'),
    ref('stg_social__engagements_judged'),
    columns=[
        'engagement_id_social', 'network', 'handle', 'engagement_type',
        'post_id_social', 'engaged_at', 'engagement_text',
    ],
    key=['engagement_id_social'],
) }}
