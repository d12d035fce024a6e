"""The product catalogue with its price history, as CSV with a byte order mark, and counted stock, as Parquet.

Belongs here: how the merchandise system writes products, prices and stock, and its mess.
"""

from orchestration.sample_company.sources.feed import Feed, ParquetFile, TextFile

HEADER = "sku,product_name,category,brand,list_price,cost_price,introduced,valid_from,status"
PLANNED_DAYS_BEFORE = 14

_PRODUCTS = f"""
with prices as (
    select product_number, list_price_pence, introduced_on as price_from_on
    from catalogue
    union all
    select product_prices.product_number, product_prices.list_price_pence, product_prices.valid_from_on
    from product_prices
    join catalogue
        using (product_number)
    where product_prices.valid_from_on > catalogue.introduced_on
)

select
    sku || ':' || price_from_on as record_key,
    null::varchar as record_id,
    null::bigint as person_number,
    price_from_on - {PLANNED_DAYS_BEFORE} as valid_from_on,
    null::date as valid_to_on,
    []::varchar[] as noises,
    price_from_on,
    sku,
    product_name,
    category,
    brand,
    '£' || with_commas(prices.list_price_pence // 100) || '.' || lpad((prices.list_price_pence % 100)::varchar, 2, '0')
        as list_price,
    pounds(cost_pence) as cost_price,
    introduced_on,
from prices
join catalogue
    using (product_number)
"""

_PRODUCT_LINE = """concat_ws(
    ',',
    if(noise is not distinct from 'sku_missing', '', sku),
    csv_cell(product_name, ','),
    csv_cell(category, ','),
    csv_cell(brand, ','),
    if(noise is not distinct from 'price_not_a_number', 'POA', csv_cell(list_price, ',')),
    cost_price,
    strftime(introduced_on, '%d/%m/%Y'),
    strftime(price_from_on, '%d/%m/%Y'),
    if(price_from_on > getvariable('day'), 'planned', 'active')
)"""

PRODUCTS = Feed(
    source="catalogue",
    name="products",
    stem="products",
    extension="csv",
    records=_PRODUCTS,
    order_by="sku, price_from_on",
    shape=TextFile(line=_PRODUCT_LINE, header=HEADER, delimiter=",", newline="\r\n", byte_order_mark=b"\xef\xbb\xbf"),
    delivery="snapshot",
    due="isodow(getvariable('day')) = 1",
    is_company_wide=True,
)

_STOCK = """
select
    store_id || ':' || sku || ':' || stock_on as record_key,
    null::varchar as record_id,
    null::bigint as person_number,
    stock_on as sent_on,
    []::varchar[] as noises,
    store_id,
    sku,
    stock_on,
    quantity,
    'K' || (100 + floor(draw(bits_of('catalogue/counted by', store_id || stock_on), 0) * 60)::integer) as counted_by,
from stock
join catalogue
    using (product_number)
"""

_STOCK_COLUMNS = """
    store_id,
    if(noise is not distinct from 'sku_missing', null, sku) as sku,
    stock_on,
    if(noise is not distinct from 'quantity_negative', -1 - quantity, quantity) as quantity,
    counted_by
"""

STOCK = Feed(
    source="catalogue",
    name="stock",
    stem="stock",
    extension="parquet",
    records=_STOCK,
    order_by="stock_on, store_id, sku",
    shape=ParquetFile(columns=_STOCK_COLUMNS),
    is_company_wide=True,
)
FEEDS = (PRODUCTS, STOCK)
