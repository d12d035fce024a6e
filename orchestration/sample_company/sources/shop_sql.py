"""The statements with which the web shop writes its orders; `shop.py` says when and from what."""

RECORDS_SQL = """
with known as (
    select
        orders.order_number,
        orders.order_type,
        make_timestamp(orders.happened_at * 1000000) as happened_at,
        orders.payment_index,
        orders.original_order_number,
        people.person_id,
        people.person_number,
        people.first_name,
        people.last_name,
        people.phone_e164,
        people.country_code,
        (people.is_guest or coalesce(sale_draws.is_guest_order, draws.is_guest_order)) as is_guest,
        draws.is_corrected and orders.order_type = 'sale' as is_corrected,
        draws.correction_seconds,
        draws.late_days,
        accounts.is_twice,
        coalesce(
            make_timestamp(orders.happened_at * 1000000) >= people.email_changed_on, true
        ) as is_now,
        people.email,
        people.email_before,
    from orders
    join people
        using (person_number)
    join accounts
        using (person_number)
    join draws
        using (order_number)
    left join draws as sale_draws
        on orders.original_order_number = sale_draws.order_number
),

named as (
    select
        *,
        case order_type when 'sale' then 'SO' else 'RT' end
        || (1000000 + order_number)::varchar as order_id,
        'SO' || (1000000 + original_order_number)::varchar as original_order_id,
        case
            when is_guest then null
            when is_twice and is_now and email_before is not null
                then 'A' || (700000 + person_number)::varchar
            else 'A' || (200000 + person_number)::varchar
        end as account_id,
        case when is_now or email_before is null then email else email_before end
        as email_used,
    from known
),

versions as (
    select *, 1 as version, happened_at as updated_at,
        happened_at::date + late_days::integer as sent_on,
    from named
    union all
    select *, 2, happened_at + to_seconds(correction_seconds),
        greatest(
            (happened_at + to_seconds(correction_seconds))::date,
            happened_at::date + late_days::integer
        )
    from named
    where is_corrected
)

select
    order_id,
    version,
    order_number,
    order_type,
    happened_at,
    updated_at,
    sent_on,
    person_id,
    account_id,
    case
        when account_id is null then 'guest:' || order_id
        else account_id || case when is_now then ':now' else ':before' end
    end as profile_id,
    first_name,
    last_name,
    email_used as email,
    phone_e164,
    country_code,
    original_order_id,
    payment_index,
    late_days > 0 and version = 1 as is_late,
from versions
order by order_id, version
"""

LINES_SQL = """
with written as (
    select
        row_index,
        noise,
        place,
        order_id,
        version,
        to_json({
            order_id: case when noise = 'order_id_missing' then null else order_id end,
            order_type: order_type,
            ordered_at: strftime(
                case when noise = 'date_in_future' then happened_at + interval 3 year
                else happened_at end,
                '%Y-%m-%dT%H:%M:%SZ'
            ),
            updated_at: strftime(updated_at, '%Y-%m-%dT%H:%M:%SZ'),
            customer: {
                account_id: account_id,
                email: spoiled.email,
                first_name: spoiled.first_name,
                last_name: spoiled.last_name,
                phone: spoiled.phone
            },
            country: spoiled.country,
            currency: case when noise = 'currency_unknown'
                then ['XXX', 'GBX', 'pounds'][1 + (place * 3)::integer % 3] else 'GBP' end,
            original_order_id: original_order_id,
            lines: case when noise = 'price_negative'
                then regexp_replace(lines_json, '"unit_price":"', '"unit_price":"-')::json
                else lines_json::json end,
            payment_method: ['card', 'paypal', 'invoice'][1 + payment_index]
        })::varchar as line,
    from sent
    join spoiled
        using (profile_id)
    join lines_json
        on sent.order_number = lines_json.order_number and sent.version - 1 = lines_json.added
    left join accidents
        using (row_index)
)

select row_index, 0 as repetition, order_id, version, noise,
    case when noise = 'line_cut_off'
        then left(line, (length(line) * (0.3 + 0.6 * place))::integer)
        else line
    end as line,
from written
union all
select row_index, 1, order_id, version, noise, line
from written
where noise = 'line_repeated'
order by repetition, row_index
"""

NOISE_SQL = """
select record_key, field, noise as noise_type
from (
    select sent.order_id || ':' || sent.version as record_key, field_noise.field, field_noise.noise
    from sent
    join field_noise
        using (profile_id)
    union all
    select order_id || ':' || version, 'record', noise
    from lines
    where noise is not null and repetition = 0
    union all
    select order_id || ':' || version, 'record', 'corrected_later'
    from sent
    where version = 2
    union all
    select order_id || ':' || version, 'record', 'sent_late'
    from sent
    where is_late
)
order by record_key, field, noise_type
"""
