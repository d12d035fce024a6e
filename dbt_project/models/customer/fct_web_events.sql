-- One row per web event up to this night, with the customer whose it is or why none.
{{ config(contract={'enforced': true}) }}
{{ replace_touched('int_devices_touched', 'device_id') }}

with events_seen as (
    select
        event_id_web,
        device_id,
        session_id_web,
        event_type,
        occurred_at,
        {{ business_day('occurred_at') }} as occurred_on
    from {{ ref('stg_web__events') }}
    where
        {{ business_day('occurred_at') }} <= {{ as_of_on() }}
        and {{ is_touched('device_id') }}
),

events_known as (
    select *
    from {{ ref('int_web_events_known') }}
    where {{ is_touched('device_id') }}
),

-- Who shares a device is told apart by visits; nobody is joined to anybody by it.
visits_known as (
    select
        device_id,
        session_id_web,
        count(distinct somebody) as people_count,
        min(customer_id) as customer_id
    from events_known
    where session_id_web is not null
    group by device_id, session_id_web
),

devices_known as (
    select
        device_id,
        count(distinct somebody) as people_count,
        min(customer_id) as customer_id
    from events_known
    group by device_id
),

people_known as (
    select
        device_id,
        customer_id,
        min(occurred_at) as first_known_at
    from events_known
    group by device_id, customer_id
),

events_judged as (
    select
        events_seen.*,
        events_known.known_by,
        events_known.customer_id as customer_id_of_event,
        case when visits_known.people_count = 1 then visits_known.customer_id end
            as customer_id_of_visit,
        case when devices_known.people_count = 1 then devices_known.customer_id end
            as customer_id_of_device,
        case
            when events_known.event_id_web is not null then 'account_unknown'
            when visits_known.people_count = 1 then 'account_unknown'
            when visits_known.people_count > 1 then 'session_shared'
            when devices_known.people_count = 1 then 'account_unknown'
            when devices_known.people_count > 1 then 'device_shared'
            else 'device_anonymous'
        end as reason_code
    from events_seen
    left join events_known on events_seen.event_id_web = events_known.event_id_web
    left join visits_known
        on
            events_seen.device_id = visits_known.device_id
            and events_seen.session_id_web = visits_known.session_id_web
    left join devices_known on events_seen.device_id = devices_known.device_id
),

events_attributed as (
    select
        *,
        coalesce(customer_id_of_event, customer_id_of_visit, customer_id_of_device)
            as customer_id
    from events_judged
)

select
    events_attributed.event_id_web,
    events_attributed.device_id,
    events_attributed.session_id_web,
    events_attributed.event_type,
    events_attributed.occurred_at,
    events_attributed.occurred_on,
    events_attributed.customer_id,
    case
        when events_attributed.customer_id_of_event is not null
            then events_attributed.known_by
        when events_attributed.customer_id_of_visit is not null then 'session'
        when events_attributed.customer_id_of_device is not null
            then 'device_of_one_person'
    end as attributed_by,
    case
        when events_attributed.customer_id is null then events_attributed.reason_code
    end as reason_code,
    coalesce(events_attributed.occurred_at < people_known.first_known_at, false)
        as is_retro_attributed
from events_attributed
left join people_known
    on
        events_attributed.device_id = people_known.device_id
        and events_attributed.customer_id = people_known.customer_id
