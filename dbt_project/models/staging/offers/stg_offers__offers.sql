-- One row per offer: its newest accepted version.
{{ kept_rows(
    ref('stg_offers__offers_typed'),
    ref('stg_offers__offers_judged'),
    columns=[
        'offer_id', 'offer_name', 'category', 'discount_share', 'starts_on', 'ends_on',
        'quota_count', 'minimum_basket_amount', 'currency_code', 'conditions_text',
        'is_online_only', 'listed_on',
    ],
    key=['offer_id'],
    latest_by=['listed_on'],
    listed_by=['offers', 'offers'],
) }}
