-- One row per fact of a source whose identifiers lead to a customer, and to which.
{{ config(materialized='view', tags=['block_customer']) }}

{% set shows = [
    ('stg_consent__changes', 'consent:changes', 'consent_change_id_consent',
        "'login_id'", hash_text('account_id_shop')),
    ('stg_consent__changes', 'consent:changes', 'consent_change_id_consent',
        "case contact_type when 'device' then 'device_id' else contact_type end",
        hash_text('contact_point')),
    ('stg_offers__attempts', 'offers:attempts', 'attempt_id_offers',
        "'login_id'", hash_text('account_id_shop')),
    ('stg_offers__attempts', 'offers:attempts', 'attempt_id_offers',
        "'loyalty_card'", hash_text('card_number')),
    ('stg_surveys__answers', 'surveys:answers', 'response_id_surveys',
        "'email'", hash_text('email')),
    ('stg_surveys__reviews', 'surveys:reviews', 'review_id_surveys',
        "'login_id'", hash_text('account_id_shop')),
    ('stg_newsletter__events', 'newsletter:events', 'event_id_newsletter',
        "case channel when 'sms' then 'phone' when 'push' then 'device_id'"
        ~ " else 'email' end", 'recipient_hash'),
    ('stg_privacy_requests__requests', 'privacy_requests:requests',
        'request_id_privacy_requests', "'email'", hash_text('email')),
    ('stg_privacy_requests__requests', 'privacy_requests:requests',
        'request_id_privacy_requests', "'phone'", hash_text('phone')),
    ('stg_pos__receipts', 'pos:receipts', 'receipt_id_pos',
        "'loyalty_card'", hash_text('card_number')),
    ('stg_pos__receipts', 'pos:receipts', 'receipt_id_pos',
        "'email'", hash_text('receipt_email')),
    ('stg_web__events', 'web:events', 'event_id_web',
        "'login_id'", hash_text('account_id_shop')),
    ('stg_web__events', 'web:events', 'event_id_web',
        "'device_id'", hash_text('device_id')),
] %}

with identifiers_shown as (
    {% for model, feed, fact_id, identifier_type, identifier_hash in shows %}
        select
            '{{ feed }}:' || {{ fact_id }} as fact_id,
            '{{ feed.split(':') | first }}' as source,
            {{ identifier_type }} as identifier_type,
            {{ identifier_hash }} as identifier_hash
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

identifiers_owned as (
    select * from {{ ref('int_identifiers_owned') }}
),

identifier_types as (
    select * from {{ ref('identifier_types') }}
)

-- By the identifier that is believed most; one that two customers show tells nothing.
select
    identifiers_shown.fact_id,
    identifiers_shown.source,
    identifiers_owned.customer_id,
    identifiers_shown.identifier_type as owned_by
from identifiers_shown
inner join identifiers_owned
    on
        identifiers_shown.identifier_type = identifiers_owned.identifier_type
        and identifiers_shown.identifier_hash = identifiers_owned.identifier_hash
inner join identifier_types
    on identifiers_shown.identifier_type = identifier_types.identifier_type
qualify
    row_number() over (
        partition by identifiers_shown.source, identifiers_shown.fact_id
        order by identifier_types.priority asc
    ) = 1
