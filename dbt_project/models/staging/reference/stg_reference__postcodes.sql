-- One row per postal area: its newest accepted version.
{{ kept_rows(
    ref('stg_reference__postcodes_typed'),
    ref('stg_reference__postcodes_judged'),
    columns=[
        'country_code', 'postcode_area', 'population_count', 'median_income_band',
        'urban_share', 'longitude_deg', 'latitude_deg', 'listed_on',
    ],
    key=['country_code', 'postcode_area'],
    latest_by=['listed_on'],
    listed_by=['reference', 'postcodes'],
) }}
