-- One row per store, article and day on which it was counted.
{{ kept_rows(
    ref('stg_catalogue__stock_typed'),
    ref('stg_catalogue__stock_judged'),
    columns=[
        'store_id', 'sku', 'stock_on', 'quantity', 'counted_by',
    ],
    key=['store_id', 'sku', 'stock_on'],
) }}
