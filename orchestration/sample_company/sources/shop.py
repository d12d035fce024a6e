"""The web shop's orders with lines and payments, as nested JSON lines in UTC; accounts are `shop_accounts.py`.

Belongs here: what the shop knows of its sales, corrections and late records, how the file looks. Which kinds of noise
there are is `noise.py`.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile
from orchestration.sample_company.sources.known import spoilt_customers
from orchestration.sample_company.sources.shop_accounts import ACCOUNTS, HOUSE_STYLE, INSTANT

TELESALES_SHARE = 0.02
SALES_CHANNEL_SINCE_DAYS = 364  # before the end of the history, orders have no `sales_channel`


_ORDERS = f"""
with sold as (
    select
        orders.*,
        order_ids.order_id,
        order_ids.original_order_id,
        order_ids.is_guest_order,
        orders.ordered_at::date as ordered_on,
        bits_of('shop/order', orders.order_number) as order_bits,
    from orders
    join order_ids
        using (order_number)
    where orders.channel <> 'store'
),

sold_to as (
    select
        sold.*,
        if(is_guest_order, null, accounts.account_id) as account_id,
        known_emails.value as email,
        known_phones.value as phone_e164,
        known_homes.country_code,
        people.first_name,
        people.first_name_latin,
        people.nickname,
        known_names.last_name,
        known_names.last_name_latin,
        people.country_code as phone_country_code,
        if(is_guest_order, 'guest:' || order_id, coalesce(accounts.account_id, 'guest:' || order_id))
        || ':' || known_emails.contact_point_id || ':' || known_phones.contact_point_id as profile_key,
    from sold
    join people
        using (person_number)
    asof join known_emails
        on sold.person_number = known_emails.person_number and ordered_on >= known_emails.valid_from_on
    asof join known_phones
        on sold.person_number = known_phones.person_number and ordered_on >= known_phones.valid_from_on
    asof join known_homes
        on sold.person_number = known_homes.person_number and ordered_on >= known_homes.valid_from_on
    asof join known_names
        on sold.person_number = known_names.person_number and ordered_on >= known_names.valid_from_on
    asof left join accounts
        on sold.person_number = accounts.person_number and ordered_on >= accounts.valid_from_on
),

versions as (
    select
        *,
        if(version = 1, ordered_at, ordered_at + to_seconds(1800 + floor(draw(order_bits, 2) * 255000)::bigint))
            as updated_at,
        days_late(order_bits, 0, share_shop_orders_sent_late(), {LATE_DAYS_AT_MOST}) as late_days,
    from ({spoilt_customers("sold_to", "shop/orders", **HOUSE_STYLE)})
    cross join (values (1), (2)) as numbers (version)
    where version = 1 or (order_type = 'sale' and draw(order_bits, 1) < share_shop_orders_corrected_later())
),

-- A list of structs is sorted by their first member; sorting inside `list()` is ten times slower.
lines as (
    select
        order_number,
        list_sort(list(
            {{
                line_number: line_number,
                sku: sku,
                product_name: product_name,
                category: category,
                quantity: quantity,
                unit_price: pounds(unit_price_pence),
                discount_amount: pounds(sign(quantity)::integer * discount_pence)
            }}
        )) as lines,
    from order_lines
    join catalogue
        using (product_number)
    group by order_number
),

paid as (
    select
        order_number,
        list_sort(list(
            {{
                payment_id: 'P' || (1000000 + payment_id),
                paid_at: strftime(paid_at, {INSTANT}),
                amount: pounds(amount_pence),
                method: if(payment_method = 'wallet', 'paypal', payment_method),
                status: payment_status
            }}
        )) as payments,
    from payments
    group by order_number
)

select
    versions.order_id || ':' || version as record_key,
    'shop:accounts:' || account_id as record_id,
    person_number,
    greatest(updated_at::date, ordered_on + late_days) as sent_on,
    list_concat(customer_noises, [
        noisy('delivery', if(version = 2, 'corrected_later', null)),
        noisy('delivery', if(version = 1 and late_days > 0, 'sent_late', null)),
    ]) as noises,
    versions.order_id,
    version,
    order_type,
    ordered_at,
    updated_at,
    account_id,
    email_written,
    first_name_written,
    last_name_written,
    phone_written,
    country_written,
    channel,
    -- The code on the flyer is the shop's name for an offer; the export names the offer.
    upper(replace(coupon_code, 'LARK-', 'o_')) as coupon_code,
    original_order_id,
    ordered_on >= getvariable('ends_on') - {SALES_CHANNEL_SINCE_DAYS} as has_sales_channel,
    case
        when draw(order_bits, 3) < {TELESALES_SHARE} then 'telesales'
        when channel = 'app' then 'mobile_app'
        else 'web_shop'
    end as sales_channel,
    if(
        version = 2,
        list_transform(lines, lambda line: struct_update(
            line, quantity := line.quantity + if(line.line_number = 1, 1, 0)
        )),
        lines
    ) as lines,
    coalesce(payments, []) as payments,
    ['card', 'paypal', 'invoice'][1 + payment_index] as payment_method,
from versions
join lines
    using (order_number)
left join paid
    using (order_number)
"""

_ORDER_LINE = f"""left(
    to_json({{
        order_id: if(noise is not distinct from 'order_id_missing', null, order_id),
        order_type: order_type,
        ordered_at: strftime(
            if(noise is not distinct from 'date_in_future', ordered_at + interval 30 year, ordered_at), {INSTANT}
        ),
        updated_at: strftime(updated_at, {INSTANT}),
        customer: {{
            account_id: account_id,
            email: email_written,
            first_name: first_name_written,
            last_name: last_name_written,
            phone: phone_written
        }},
        country: country_written,
        currency: if(
            noise is not distinct from 'currency_unknown', ['ZZZ', 'GBX', 'pounds'][1 + (place * 3)::integer % 3], 'GBP'
        ),
        channel: channel,
        coupon_code: coupon_code,
        original_order_id: original_order_id,
        lines: if(
            noise is not distinct from 'price_negative',
            list_transform(lines, lambda line: struct_update(line, unit_price := '-' || line.unit_price)),
            lines
        ),
        payments: payments,
        payment_method: payment_method
    }})::varchar,
    -1
) || if(has_sales_channel, ',"sales_channel":"' || sales_channel || '"', '') || '}}'"""

ORDERS = Feed(
    source="shop",
    name="orders",
    stem="orders",
    extension="ndjson",
    records=_ORDERS,
    order_by="updated_at, order_id, version",
    shape=TextFile(line=_ORDER_LINE),
)

FEEDS = (ORDERS, ACCOUNTS)
