"""The tills' receipts: typed Parquet, one row per line, in local time.

Belongs here: what a till knows of a sale in a store, and of the buyer when a card was shown or an address given.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, ParquetFile

CARD_SHOWN_SHARE = 0.7
RECEIPT_BY_EMAIL_SHARE = 0.25
TILLS_PER_STORE = 4

_RECEIPTS = f"""
with sold as (
    select
        orders.*,
        ordered_at::date as ordered_on,
        order_ids.order_id as receipt_id,
        order_ids.original_order_id as original_receipt_id,
        bits_of('pos/receipt', order_number) as bits,
        1 + floor(draw(bits_of('pos/till', order_number), 0) * {TILLS_PER_STORE})::integer as till_number,
    from orders
    join order_ids
        using (order_number)
    where channel = 'store'
),

sold_to as (
    select
        sold.*,
        if(draw(bits, 0) < {CARD_SHOWN_SHARE}, loyalty_cards.card_number, null) as card_number,
        if(draw(bits, 1) < {RECEIPT_BY_EMAIL_SHARE}, known_emails.value, null) as email,
        noise_pos_receipts_card_number(draw(bits, 2)) as card_kind,
        noise_pos_receipts_receipt_email(draw(bits, 3)) as email_kind,
        noise_pos_receipts_sold_at(
            draw(bits_of('pos/clock', sold.store_id || till_number || date_trunc('month', ordered_on)), 0)
        ) as clock_kind,
        bits_of('pos/more', sold.order_number) as more_bits,
    from sold
    asof left join (select person_number, card_number, issued_on from loyalty_cards) as loyalty_cards
        on sold.person_number = loyalty_cards.person_number and ordered_on >= loyalty_cards.issued_on
    asof join known_emails
        on sold.person_number = known_emails.person_number and ordered_on >= known_emails.valid_from_on
),

paid as (
    select order_number, min(payment_method) as payment_method
    from payments
    where payment_status <> 'failed'
    group by order_number
),

written as (
    select
        sold_to.*,
        case card_kind
            when 'leading_zeros_lost' then ltrim(card_number, '0')
            when 'digits_missing' then left(card_number, 10)
            else card_number
        end as card_written,
        spoilt_email(email, email_kind, (more_bits >> 40)::bigint) as email_written,
        days_late(more_bits, 0, share_pos_receipts_sent_late(), {LATE_DAYS_AT_MOST}) as late_days,
        london(ordered_at) + to_hours(if(clock_kind is null, 0, 1)) as sold_at,
    from sold_to
)

select
    receipt_id || ':' || line_number as record_key,
    'pos:cards:' || card_number as record_id,
    person_number,
    ordered_on + late_days as sent_on,
    [
        noisy('card_number', if(card_written is distinct from card_number, card_kind, null)),
        noisy('receipt_email', if(email_written is distinct from email, email_kind, null)),
        noisy('sold_at', clock_kind),
        noisy('delivery', if(late_days > 0, 'sent_late', null)),
    ] as noises,
    ordered_at,
    receipt_id,
    line_number,
    written.store_id,
    till_number,
    'K' || (100 + floor(draw(more_bits, 1) * 60)::integer) as cashier_id,
    sold_at,
    order_type as receipt_type,
    original_receipt_id,
    card_written as card_number,
    catalogue.sku,
    quantity,
    unit_price_pence,
    sign(quantity)::integer * discount_pence as discount_pence,
    coalesce(paid.payment_method, 'card') as payment_method,
    email_written as receipt_email,
from written
join order_lines
    using (order_number)
join catalogue
    using (product_number)
left join paid
    using (order_number)
"""

_COLUMNS = """
    receipt_id,
    line_number,
    store_id,
    till_number,
    cashier_id,
    if(noise is not distinct from 'date_in_future', sold_at + interval 30 year, sold_at) as sold_at,
    receipt_type,
    original_receipt_id,
    card_number,
    if(noise is not distinct from 'sku_missing', null, sku) as sku,
    if(noise is not distinct from 'quantity_zero', 0, quantity) as quantity,
    (unit_price_pence / 100)::decimal(10, 2) as unit_price,
    (discount_pence / 100)::decimal(10, 2) as discount_amount,
    'GBP' as currency_code,
    payment_method,
    receipt_email
"""

RECEIPTS = Feed(
    source="pos",
    name="receipts",
    stem="receipts",
    extension="parquet",
    records=_RECEIPTS,
    order_by="ordered_at, receipt_id, line_number",
    shape=ParquetFile(columns=_COLUMNS),
)
FEEDS = (RECEIPTS,)
