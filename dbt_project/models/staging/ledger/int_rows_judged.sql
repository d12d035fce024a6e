-- One row per landed row of any feed, with its one fate.
{{ config(materialized='view') }}

{% for feed in [
    'ads__spend',
    'catalogue__products',
    'catalogue__stock',
    'consent__changes',
    'contact_centre__tickets',
    'crm__contacts',
    'loyalty__members',
    'newsletter__events',
    'offers__attempts',
    'offers__offers',
    'online_retail__lines',
    'pos__receipts',
    'privacy_requests__requests',
    'reference__postcodes',
    'shop__accounts',
    'shop__orders',
    'sightings__sightings',
    'social__engagements',
    'surveys__answers',
    'surveys__reviews',
    'web__events',
] %}
    select
        row_id,
        source,
        feed,
        file_sha256,
        row_fate,
        reason_code
    from {{ ref('stg_' ~ feed ~ '_judged') }}
    {{ 'union all' if not loop.last }}
{% endfor %}
