-- One row per event in a browser or app: its accepted version.
{{ kept_rows(
    ref('stg_web__events_typed'),
    ref('stg_web__events_judged'),
    columns=[
        'event_id_web', 'device_id', 'account_id_shop', 'event_type', 'occurred_at',
        'original_at', 'sent_at', 'session_id_web', 'page_path', 'sku', 'order_id_shop',
        'search_query', 'checkout_step', 'form_field', 'x_px', 'y_px', 'event_value',
        'experiment_variant', 'device_type', 'utm_source', 'utm_medium', 'utm_campaign',
        'entry_message_id',
    ],
    key=['event_id_web'],
) }}
