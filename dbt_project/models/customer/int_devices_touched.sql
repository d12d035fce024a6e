-- One row per device whose events may be another's than when last built.
{%- set events_before = as_left_before('fct_web_events') %}

with events_seen as (
    select
        device_id,
        account_id_shop,
        order_id_shop,
        {{ business_day('occurred_at') }} as occurred_on
    from {{ ref('stg_web__events') }}
),

records_touched as (
    select records_linked.record_id
    from {{ ref('int_customer_records_linked') }} as records_linked
    inner join {{ ref('int_customers_touched') }} as customers_touched
        on records_linked.customer_id = customers_touched.customer_id
),

orders_touched as (
    select orders_unified.order_id
    from {{ ref('int_orders_unified') }} as orders_unified
    inner join records_touched on orders_unified.record_id = records_touched.record_id
),

events_before as (
    {% if events_before -%}
        select
            device_id,
            customer_id,
            occurred_on
        from {{ events_before }}
    {%- else -%}
        select
            device_id,
            account_id_shop as customer_id,
            occurred_on
        from events_seen
        where false
    {%- endif %}
),

last_day_before as (
    select max(occurred_on) as occurred_on
    from events_before
)

select substring(record_id, length('web:devices:') + 1) as device_id
from {{ ref('int_identity_records_touched') }}
where record_id like 'web:devices:%'

union

select substring(record_id, length('web:devices:') + 1) as device_id
from records_touched
where record_id like 'web:devices:%'

union

select events_seen.device_id
from events_seen
inner join records_touched
    on 'shop:accounts:' || events_seen.account_id_shop = records_touched.record_id

union

select events_seen.device_id
from events_seen
inner join orders_touched
    on 'shop:' || events_seen.order_id_shop = orders_touched.order_id

union

select events_before.device_id
from events_before
inner join {{ ref('int_customers_touched') }} as customers_touched
    on events_before.customer_id = customers_touched.customer_id

union

-- Delivered before their day, and held back until this night.
select events_seen.device_id
from events_seen
inner join last_day_before
    on
        events_seen.occurred_on > last_day_before.occurred_on
        or last_day_before.occurred_on is null

union

-- Known to a later night, and not to this one.
select device_id
from events_before
where occurred_on > {{ as_of_on() }}
