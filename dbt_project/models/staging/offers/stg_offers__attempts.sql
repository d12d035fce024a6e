-- One row per attempt to use a coupon: its accepted version.
{{ kept_rows(
    ref('stg_offers__attempts_typed'),
    ref('stg_offers__attempts_judged'),
    columns=[
        'attempt_id_offers', 'attempted_at', 'offer_id', 'channel', 'store_id',
        'account_id_shop', 'card_number', 'outcome', 'denial_reason_code', 'order_id',
    ],
    key=['attempt_id_offers'],
) }}
