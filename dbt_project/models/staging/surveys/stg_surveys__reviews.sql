-- One row per review of an article: its accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_surveys__reviews_typed'),
    ref('stg_surveys__reviews_judged'),
    columns=[
        'review_id_surveys', 'sku', 'star_rating', 'review_text', 'display_name',
        'account_id_shop', 'submitted_at',
    ],
    key=['review_id_surveys'],
) }}
