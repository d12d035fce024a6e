-- One row per landed Online Retail line: typed, cleaned, and what its row rules say.
{{ config(materialized='incremental') }}

with lines_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash([
            'invoice_no', 'stock_code', 'description', 'quantity', 'invoiced_at',
            'unit_price', 'customer_number', 'country',
        ]) }} as row_hash,
        upper({{ blank_to_null('invoice_no') }}) as invoice_no_clean,
        {{ blank_to_null('customer_number') }} as customer_number_clean
    from {{ source('online_retail', 'lines') }}
    {{ files_not_yet_typed() }}
),

countries as (
    select * from {{ source('standardised', 'countries') }}
),

lines_cleaned as (
    select
        lines_landed.row_id,
        lines_landed._file_sha256,
        lines_landed._row_number,
        lines_landed.row_hash,
        lines_landed.invoice_no_clean as invoice_no,
        case
            when lines_landed.invoice_no_clean like 'C%' then 'return'
            when lines_landed.invoice_no_clean like 'A%' then 'adjustment'
            when lines_landed.invoice_no_clean is not null then 'sale'
        end as order_type,
        upper({{ blank_to_null('lines_landed.stock_code') }}) as stock_code,
        {{ blank_to_null('lines_landed.description') }} as product_name,
        {{ safe_integer('lines_landed.quantity') }} as quantity,
        {{ local_to_utc(
            parse_timestamp(
                'lines_landed.invoiced_at',
                ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M'],
            ),
            'Europe/London',
        ) }} as invoiced_at,
        {{ safe_unit_price('lines_landed.unit_price') }} as unit_price,
        -- A spreadsheet turns the number into a float as soon as one is missing.
        case
            when
                {{ matches_fully(
                    'lines_landed.customer_number_clean', '[0-9]+[.]0'
                ) }}
                then replace(lines_landed.customer_number_clean, '.0', '')
            else lines_landed.customer_number_clean
        end as customer_number,
        lines_landed.customer_number_clean,
        case when countries.is_valid then countries.country_code end
            as country_code,
        {{ blank_to_null('lines_landed.country') }} as country_text
    from lines_landed
    left join countries on lines_landed.country = countries.country_raw
)

select
    row_id,
    _file_sha256,
    _row_number,
    row_hash,
    invoice_no,
    order_type,
    stock_code,
    product_name,
    quantity,
    invoiced_at,
    unit_price,
    customer_number,
    country_code,
    case
        when invoice_no is null then 'invoice_no_missing'
        when stock_code is null then 'stock_code_missing'
        when quantity is null then 'quantity_invalid'
        when quantity = 0 then 'quantity_zero'
        when unit_price is null then 'price_invalid'
        when unit_price < 0 then 'price_negative'
        when unit_price = 0 then 'price_zero'
        when order_type <> 'return' and quantity < 0 then 'sale_quantity_negative'
        when order_type = 'return' and quantity > 0 then 'return_quantity_positive'
        when invoiced_at is null then 'date_invalid'
    end as rejection_reason_code,
    case
        when country_text is not null and country_code is null
            then 'country_unusable'
        when customer_number <> customer_number_clean
            then 'customer_number_repaired'
    end as repair_reason_code
from lines_cleaned
