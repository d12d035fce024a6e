"""The offer tool: the list of offers as people typed it, and every attempt to use one, both as CSV.

Belongs here: how offers and attempts are written, and their mess.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

OFFERS_HEADER = "offer_id;offer_name;category;discount;starts_on;ends_on;quota;min_basket;is_online_only;conditions"
ATTEMPTS_HEADER = (
    "attempt_id,attempted_at,coupon_code,channel,store_id,account_id,card_number,outcome,denial_reason,order_id"
)
ANNOUNCED_DAYS_BEFORE = 14

_OFFERS = f"""
select
    offer_id as record_key,
    null::varchar as record_id,
    null::bigint as person_number,
    starts_on - {ANNOUNCED_DAYS_BEFORE} as valid_from_on,
    null::date as valid_to_on,
    []::varchar[] as noises,
    offer_id,
    offer_name,
    category,
    round(discount_share * 100)::integer || ' %' as discount,
    starts_on,
    ends_on,
    with_commas(quota) as quota,
    if(min_basket_pence = 0, '', '£' || pounds(min_basket_pence)) as min_basket,
    conditions_text,
    if(is_online_only, 'yes', 'no') as is_online_only,
from offers
"""

_OFFER_LINE = """concat_ws(
    ';',
    offer_id,
    csv_cell(offer_name, ';'),
    csv_cell(category, ';'),
    discount,
    strftime(if(noise is not distinct from 'dates_reversed', ends_on, starts_on), '%d/%m/%Y'),
    strftime(if(noise is not distinct from 'dates_reversed', starts_on, ends_on), '%d/%m/%Y'),
    quota,
    min_basket,
    is_online_only,
    csv_cell(conditions_text, ';')
)"""

OFFERS = Feed(
    source="offers",
    name="offers",
    stem="offers",
    extension="csv",
    records=_OFFERS,
    order_by="offer_id",
    shape=TextFile(line=_OFFER_LINE, header=OFFERS_HEADER, delimiter=";"),
    delivery="snapshot",
    due="isodow(getvariable('day')) = 1",
    is_company_wide=True,
)

_ATTEMPTS = f"""
with made as (
    select *, attempted_at::date as attempted_on, bits_of('offers/attempt', attempt_id) as bits
    from coupon_attempts
),

known as (
    select
        made.*,
        if(channel <> 'store' and not coalesce(is_guest_order, false), accounts.account_id, null) as account_id,
        if(channel = 'store', loyalty_cards.card_number, null) as card_number,
        order_ids.order_id,
        noise_offers_attempts_coupon_code(draw(bits, 0)) as code_kind,
        days_late(bits, 1, share_offers_attempts_sent_late(), {LATE_DAYS_AT_MOST}) as late_days,
    from made
    left join order_ids
        on made.order_number = order_ids.order_number
    asof left join accounts
        on made.person_number = accounts.person_number and attempted_on >= accounts.valid_from_on
    asof left join (select person_number, card_number, issued_on from loyalty_cards) as loyalty_cards
        on made.person_number = loyalty_cards.person_number and attempted_on >= loyalty_cards.issued_on
)

select
    'CA' || attempt_id as record_key,
    'offers:attempts:CA' || attempt_id as record_id,
    person_number,
    attempted_on + late_days as sent_on,
    [
        noisy('coupon_code', code_kind),
        noisy('delivery', if(late_days > 0, 'sent_late', null)),
    ] as noises,
    attempt_id,
    attempted_at,
    case code_kind
        when 'lower_case' then lower(offer_id)
        when 'surrounding_space' then ' ' || upper(offer_id) || ' '
        else upper(offer_id)
    end as coupon_code,
    channel,
    store_id,
    account_id,
    card_number,
    outcome,
    denial_reason,
    order_id,
from known
"""

_ATTEMPT_LINE = """concat_ws(
    ',',
    if(noise is not distinct from 'attempt_id_missing', '', 'CA' || attempt_id),
    london_iso(attempted_at),
    coupon_code,
    channel,
    coalesce(store_id, ''),
    coalesce(account_id, ''),
    coalesce(card_number, ''),
    if(noise is not distinct from 'outcome_missing', '', outcome),
    coalesce(denial_reason, ''),
    coalesce(order_id, '')
)"""

ATTEMPTS = Feed(
    source="offers",
    name="attempts",
    stem="coupon_attempts",
    extension="csv",
    records=_ATTEMPTS,
    order_by="attempted_at, attempt_id",
    shape=TextFile(line=_ATTEMPT_LINE, header=ATTEMPTS_HEADER, delimiter=","),
)
FEEDS = (OFFERS, ATTEMPTS)
