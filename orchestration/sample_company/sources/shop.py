"""The web shop: orders with lines and payments, and accounts, as nested JSON lines in UTC.

Belongs here: what the shop knows of its customers and sales, corrections and late records, how its files look. Which
kinds of noise there are is `noise.py`.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile
from orchestration.sample_company.sources.known import spoilt_customers

TELESALES_SHARE = 0.02
SALES_CHANNEL_SINCE_DAYS = 364  # before the end of the history, orders have no `sales_channel`

_INSTANT = "'%Y-%m-%dT%H:%M:%SZ'"
_HOUSE_STYLE = {"phone": "phone_e164", "country": "country_code"}

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
    from ({spoilt_customers("sold_to", "shop/orders", **_HOUSE_STYLE)})
    cross join (values (1), (2)) as numbers (version)
    where version = 1 or (order_type = 'sale' and draw(order_bits, 1) < share_shop_orders_corrected_later())
),

lines as (
    select
        order_number,
        list(
            {{
                line_number: line_number,
                sku: sku,
                product_name: product_name,
                category: category,
                quantity: quantity,
                unit_price: pounds(unit_price_pence),
                discount_amount: pounds(sign(quantity)::integer * discount_pence)
            }}
            order by line_number
        ) as lines,
    from order_lines
    join catalogue
        using (product_number)
    group by order_number
),

paid as (
    select
        order_number,
        list(
            {{
                payment_id: 'P' || (1000000 + payment_id),
                paid_at: strftime(paid_at, {_INSTANT}),
                amount: pounds(amount_pence),
                method: if(payment_method = 'wallet', 'paypal', payment_method),
                status: payment_status
            }}
            order by payment_id
        ) as payments,
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
    coupon_code,
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
            if(noise is not distinct from 'date_in_future', ordered_at + interval 3 year, ordered_at), {_INSTANT}
        ),
        updated_at: strftime(updated_at, {_INSTANT}),
        customer: {{
            account_id: account_id,
            email: email_written,
            first_name: first_name_written,
            last_name: last_name_written,
            phone: phone_written
        }},
        country: country_written,
        currency: if(
            noise is not distinct from 'currency_unknown', ['XXX', 'GBX', 'pounds'][1 + (place * 3)::integer % 3], 'GBP'
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

_ACCOUNTS = f"""
with changes as (
    select person_number, valid_from_on from known_emails
    union
    select person_number, valid_from_on from known_phones
    union
    select person_number, valid_from_on from known_homes
    union
    select person_number, valid_from_on from known_names
),

versions as (
    select account_id, person_number, opened_on, opened_on as changed_on
    from accounts
    union
    select accounts.account_id, accounts.person_number, accounts.opened_on, changes.valid_from_on
    from accounts
    join changes
        on accounts.person_number = changes.person_number and changes.valid_from_on > accounts.opened_on
    -- The first of two accounts is left as it was when the second was opened.
    anti join accounts as later
        on accounts.person_number = later.person_number
        and later.opened_on > accounts.opened_on
        and changes.valid_from_on >= later.opened_on
),

held as (
    select
        versions.*,
        bits_of('shop/accounts/rest', account_id) as rest_bits,
        known_emails.value as email,
        known_phones.value as phone_e164,
        known_homes.country_code,
        known_homes.street,
        known_homes.house_number,
        known_homes.city,
        known_homes.postcode,
        people.first_name,
        people.first_name_latin,
        people.nickname,
        known_names.last_name,
        known_names.last_name_latin,
        people.language,
        people.birth_on,
        people.account_id_company,
        people.country_code as phone_country_code,
        account_id || ':' || known_emails.contact_point_id || ':' || known_phones.contact_point_id as profile_key,
    from versions
    join people
        using (person_number)
    asof join known_emails
        on versions.person_number = known_emails.person_number and changed_on >= known_emails.valid_from_on
    asof join known_phones
        on versions.person_number = known_phones.person_number and changed_on >= known_phones.valid_from_on
    asof join known_homes
        on versions.person_number = known_homes.person_number and changed_on >= known_homes.valid_from_on
    asof join known_names
        on versions.person_number = known_names.person_number and changed_on >= known_names.valid_from_on
)

select
    account_id || ':' || changed_on as record_key,
    'shop:accounts:' || account_id as record_id,
    person_number,
    changed_on as sent_on,
    list_concat(customer_noises, [noisy('birth_date', birth_kind)]) as noises,
    account_id,
    email_written,
    phone_written,
    first_name_written,
    last_name_written,
    street,
    house_number,
    city,
    postcode,
    country_written,
    language,
    case birth_kind when 'missing' then null when 'default' then '1970-01-01' else birth_on::varchar end as birth_date,
    account_id_company,
    draw(rest_bits, 1) < 0.8 as is_email_verified,
    opened_on + to_seconds(28800 + floor(draw(rest_bits, 2) * 40000)::bigint) as created_at,
    changed_on + to_seconds(28800 + floor(draw(rest_bits, 2) * 40000)::bigint) as updated_at,
from (
    select *, noise_shop_accounts_birth_date(draw(rest_bits, 0)) as birth_kind
    from ({spoilt_customers("held", "shop/accounts", **_HOUSE_STYLE)})
)
"""

_ACCOUNT_LINE = f"""to_json({{
    account_id: if(noise is not distinct from 'account_id_missing', null, account_id),
    email: email_written,
    phone: phone_written,
    first_name: first_name_written,
    last_name: last_name_written,
    address: {{
        street: street,
        house_number: house_number,
        city: city,
        postcode: postcode,
        country: country_written
    }},
    language: language,
    birth_date: birth_date,
    company_account_id: account_id_company,
    is_email_verified: is_email_verified,
    created_at: strftime(created_at, {_INSTANT}),
    updated_at: strftime(
        if(noise is not distinct from 'updated_before_created', created_at - interval 400 day, updated_at), {_INSTANT}
    )
}})::varchar"""

ACCOUNTS = Feed(
    source="shop",
    name="accounts",
    stem="accounts",
    extension="ndjson",
    records=_ACCOUNTS,
    order_by="updated_at, account_id",
    shape=TextFile(line=_ACCOUNT_LINE),
)
FEEDS = (ORDERS, ACCOUNTS)
