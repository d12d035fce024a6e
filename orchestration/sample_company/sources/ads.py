"""The agency's report of advertising spend: CSV in cp1252, 1.234,56 for numbers, a totals line at the end.

Belongs here: how spend is written, and how the last days are restated until their numbers are final.
"""

from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = "date;campaign;channel;spend;impressions;clicks;exported_at"
# Share of the final numbers that the report knows on the day itself, a day later and two days later.
KNOWN_SHARES = (0.9, 0.98, 1.0)

_SPEND = f"""
with restated as (
    select
        ad_spend.*,
        spend_on + version as sent_on,
        {list(KNOWN_SHARES)}[1 + version] as known_share,
    from ad_spend
    cross join (values (0), (1), (2)) as versions (version)
    -- The history holds each day once, as it then stood.
    where spend_on + version > getvariable('ends_on')
        or version = least(2, getvariable('ends_on') - spend_on)
)

select
    spend_on || ':' || ad_campaign || ':' || sent_on as record_key,
    null::varchar as record_id,
    null::bigint as person_number,
    sent_on,
    []::varchar[] as noises,
    spend_on,
    ad_campaign,
    channel,
    floor(spend_pence * known_share)::bigint as spend_pence,
    floor(impressions * known_share)::bigint as impressions,
    floor(clicks * known_share)::bigint as clicks,
    greatest(sent_on, getvariable('ends_on')) as exported_on,
from restated
"""

_LINE = """concat_ws(
    ';',
    strftime(spend_on, '%d.%m.%Y'),
    csv_cell(ad_campaign, ';'),
    csv_cell(channel, ';'),
    if(noise is not distinct from 'spend_missing', '', decimal_comma(spend_pence)),
    points_for_thousands(impressions),
    points_for_thousands(clicks),
    strftime(exported_on + interval 1430 minute, '%d.%m.%Y %H:%M')
)"""
_LAST_LINE = """
select concat_ws(
    ';',
    'Total', '', '', decimal_comma(sum(spend_pence)::bigint), points_for_thousands(sum(impressions)::bigint),
    points_for_thousands(sum(clicks)::bigint), ''
)
from sent
"""

SPEND = Feed(
    source="ads",
    name="spend",
    stem="ad_spend",
    extension="csv",
    records=_SPEND,
    order_by="sent_on, spend_on, ad_campaign, channel",
    shape=TextFile(line=_LINE, header=HEADER, delimiter=";", encoding="cp1252", last_line=_LAST_LINE),
    is_company_wide=True,
)
FEEDS = (SPEND,)
