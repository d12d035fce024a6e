-- One row per day, campaign and channel of advertising: what was told last.
{{ kept_rows(
    ref('stg_ads__spend_typed'),
    ref('stg_ads__spend_judged'),
    columns=[
        'spend_on', 'campaign_name', 'channel', 'spend_amount', 'currency_code',
        'impressions_count', 'clicks_count', 'exported_at',
    ],
    key=['spend_on', 'campaign_name', 'channel'],
    latest_by=['exported_at'],
) }}
