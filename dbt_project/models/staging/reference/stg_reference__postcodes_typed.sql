-- One row per landed postal area: typed, and what its rules say.
{{ config(materialized='incremental') }}

with areas_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(
            contract_columns('reference', 'postcodes') + [file_day('_file')]
        ) }} as row_hash
    from {{ source('reference', 'postcodes') }}
    {{ files_not_yet_typed() }}
),

areas_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('country_code') }} as country_code,
        {{ blank_to_null('postcode_area') }} as postcode_area,
        {{ safe_integer('population_count') }} as population_count,
        {{ blank_to_null('median_income_band') }} as median_income_band,
        try_cast(urban_rate as decimal(5, 4)) as urban_share,
        try_cast(longitude as decimal(9, 6)) as longitude_stated,
        try_cast(latitude as decimal(9, 6)) as latitude_stated,
        try_cast({{ file_day('_file') }} as date) as listed_on
    from areas_landed
),

-- All areas lie in Europe, where no place has a latitude that is another's longitude.
areas_placed as (
    select
        *,
        longitude_stated between 34 and 72
        and latitude_stated between -25 and 34 as is_swapped
    from areas_cleaned
)

select
    row_id,
    _file_sha256,
    _row_number,
    row_hash,
    country_code,
    postcode_area,
    population_count,
    median_income_band,
    urban_share,
    case when is_swapped then latitude_stated else longitude_stated end
        as longitude_deg,
    case when is_swapped then longitude_stated else latitude_stated end
        as latitude_deg,
    listed_on,
    case
        when postcode_area is null then 'postcode_area_missing'
        when country_code is null then 'country_missing'
    end as rejection_reason_code,
    case when is_swapped then 'coordinates_swapped' end as repair_reason_code
from areas_placed
