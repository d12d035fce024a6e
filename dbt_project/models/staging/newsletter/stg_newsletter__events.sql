-- One row per event of a newsletter message: its accepted version.
with events_kept as (
    {{ kept_rows(
        ref('stg_newsletter__events_typed'),
        ref('stg_newsletter__events_judged'),
        columns=[
            'event_id_newsletter', 'event_type', 'happened_at', 'message_id_newsletter',
            'campaign_id', 'campaign_name', 'channel', 'recipient', 'bounce_type',
            'link_url', 'offer_id',
        ],
        key=['event_id_newsletter'],
    ) }}
)

-- The hash by which identity knows the contact point; the address stays in the vault.
select
    event_id_newsletter,
    event_type,
    happened_at,
    message_id_newsletter,
    campaign_id,
    campaign_name,
    channel,
    {{ hash_text('recipient') }} as recipient_hash,
    bounce_type,
    link_url,
    offer_id,
    row_id
from events_kept
