-- One row per article and day from which a list price held.
{{ kept_rows(
    ref('stg_catalogue__products_typed'),
    ref('stg_catalogue__products_judged'),
    columns=[
        'sku', 'valid_from_on', 'product_name', 'category', 'brand',
        'list_price_amount', 'cost_price_amount', 'currency_code', 'introduced_on',
        'product_status', 'listed_on',
    ],
    key=['sku', 'valid_from_on'],
    latest_by=['listed_on'],
    listed_by=['catalogue', 'products'],
) }}
