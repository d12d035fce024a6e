-- One row per web event up to this night that says who is there, and who it says.
{{ replace_touched('int_devices_touched', 'device_id') }}

with events_seen as (
    select
        event_id_web,
        device_id,
        session_id_web,
        account_id_shop,
        order_id_shop,
        occurred_at
    from {{ ref('stg_web__events') }}
    where
        coalesce(account_id_shop, order_id_shop) is not null
        and {{ business_day('occurred_at') }} <= {{ as_of_on() }}
        and {{ is_touched('device_id') }}
),

records_linked as (
    select
        record_id,
        customer_id
    from {{ ref('int_customer_records_linked') }}
)

-- An account that leads to nobody is somebody all the same; such an order is not.
select
    events_seen.event_id_web,
    events_seen.device_id,
    events_seen.session_id_web,
    events_seen.occurred_at,
    coalesce(by_account.customer_id, by_device.customer_id, by_order.customer_id)
        as customer_id,
    case
        when coalesce(by_account.customer_id, by_device.customer_id) is not null
            then 'login'
        when by_order.customer_id is not null then 'order'
    end as known_by,
    coalesce(
        by_account.customer_id,
        by_device.customer_id,
        by_order.customer_id,
        'account:' || events_seen.account_id_shop
    ) as somebody
from events_seen
left join records_linked as by_account
    on 'shop:accounts:' || events_seen.account_id_shop = by_account.record_id
-- An account of which the shop sent nothing is known by the device that it alone uses.
left join {{ ref('int_devices_logged_in') }} as devices_logged_in
    on
        events_seen.device_id = devices_logged_in.device_id
        and events_seen.account_id_shop = devices_logged_in.account_id_shop
left join records_linked as by_device
    on devices_logged_in.record_id = by_device.record_id
left join {{ ref('int_orders_unified') }} as orders_unified
    on 'shop:' || events_seen.order_id_shop = orders_unified.order_id
left join records_linked as by_order
    on orders_unified.record_id = by_order.record_id
where coalesce(events_seen.account_id_shop, by_order.customer_id) is not null
