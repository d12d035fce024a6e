"""The export of the social networks' agency: who liked, shared or wrote what, as CSV with emoji.

Belongs here: how an engagement is written, and its mess.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = "engagement_id,network,handle,engagement_type,post_id,engaged_at,text"

_ENGAGEMENTS = f"""
select
    'SE' || engagement_id as record_key,
    'social:engagements:SE' || engagement_id as record_id,
    person_number,
    engaged_at::date + days_late(
        bits_of('social/late', engagement_id), 0, share_social_engagements_sent_late(), {LATE_DAYS_AT_MOST}
    ) as sent_on,
    [noisy('delivery', if(sent_on > engaged_at::date, 'sent_late', null))] as noises,
    engagement_id,
    network,
    if(starts_with(handle, '@'), handle, '@' || handle) as handle,
    engagement_type,
    post_id,
    engaged_at,
    text,
from social_engagements
"""

_LINE = """concat_ws(
    ',',
    if(noise is not distinct from 'engagement_id_missing', '', 'SE' || engagement_id),
    network,
    csv_cell(handle, ','),
    if(noise is not distinct from 'type_unknown', 'reaction_98', engagement_type),
    post_id,
    csv_cell(strftime(engaged_at, '%a, %d %b %Y %H:%M:%S +0000'), ','),
    csv_cell(text, ',')
)"""

ENGAGEMENTS = Feed(
    source="social",
    name="engagements",
    stem="social",
    extension="csv",
    records=_ENGAGEMENTS,
    order_by="engaged_at, engagement_id",
    shape=TextFile(line=_LINE, header=HEADER, delimiter=","),
)
FEEDS = (ENGAGEMENTS,)
