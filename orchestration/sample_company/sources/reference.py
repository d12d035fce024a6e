"""Bought reference data by postcode area: TSV, delivered once.

Belongs here: how the statistics office's numbers are written, and their mess.
"""

from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = "postcode_area\tcountry_code\tpopulation_count\tmedian_income_band\turban_rate\tlongitude\tlatitude"

_POSTCODES = """
with spoilt as (
    select
        *,
        bits_of('reference/postcode', country_code || '/' || postcode_area) as bits,
        noise_reference_postcodes_coordinates(draw(bits, 0)) as place_kind,
        noise_reference_postcodes_population_count(draw(bits, 1)) as count_kind,
    from postcodes
)

select
    country_code || ':' || postcode_area as record_key,
    null::varchar as record_id,
    null::bigint as person_number,
    getvariable('ends_on') as sent_on,
    [noisy('coordinates', place_kind), noisy('population_count', count_kind)] as noises,
    postcode_area,
    country_code,
    if(count_kind is null, population_count, null) as population_count,
    median_income_band,
    printf('%.3f', urban_rate) as urban_rate,
    printf('%.5f', if(place_kind is null, longitude, latitude)) as longitude,
    printf('%.5f', if(place_kind is null, latitude, longitude)) as latitude,
from spoilt
"""

_LINE = """concat_ws(
    chr(9),
    if(noise is not distinct from 'postcode_area_missing', '', postcode_area),
    country_code,
    coalesce(population_count::varchar, ''),
    median_income_band,
    urban_rate,
    longitude,
    latitude
)"""

POSTCODES = Feed(
    source="reference",
    name="postcodes",
    stem="postcodes",
    extension="tsv",
    records=_POSTCODES,
    order_by="country_code, postcode_area",
    shape=TextFile(line=_LINE, header=HEADER, delimiter="\t"),
    is_company_wide=True,
)
FEEDS = (POSTCODES,)
