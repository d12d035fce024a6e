"""The loyalty programme: one workbook a store, kept by hand.

Belongs here: which members a store knows and when it sends its list. How the sheet looks, and what hands do to its
cells, is `workbook.py`.
"""

from orchestration.sample_company.sources.feed import Feed, Workbook
from orchestration.sample_company.sources.workbook import write_members

MEMBERS_PER_WORKBOOK = 5_000
PENCE_PER_POINT = 100

_MEMBERS = f"""
with bought as (
    select
        orders.person_number,
        sum(quantity * unit_price_pence - sign(quantity)::integer * discount_pence) as spent_pence,
    from orders
    join order_lines
        using (order_number)
    where ordered_at::date <= getvariable('ends_on')
    group by orders.person_number
)

select
    loyalty_cards.card_number as record_key,
    'loyalty:members:' || loyalty_cards.card_number as record_id,
    loyalty_cards.person_number,
    issued_on as valid_from_on,
    null::date as valid_to_on,
    []::varchar[] as noises,
    loyalty_cards.store_id,
    stores.store_name,
    loyalty_cards.card_number,
    known_names.last_name,
    people.first_name,
    people.nickname,
    case when known_homes.country_code in ('GB', 'IE', 'FR') then house_number || ' ' || street
        else street || ' ' || house_number end as street,
    known_homes.city,
    known_homes.postcode,
    trunk_prefix || substr(known_phones.value, 2 + length(dialling_code)) as phone,
    known_emails.value as email,
    birth_on,
    greatest(coalesce(spent_pence, 0), 0)::bigint / {PENCE_PER_POINT} as points,
    issued_on as joined_on,
from loyalty_cards
join people
    using (person_number)
join stores
    using (store_id)
join countries
    on people.country_code = countries.country_code
left join bought
    on loyalty_cards.person_number = bought.person_number
asof join known_names
    on loyalty_cards.person_number = known_names.person_number and issued_on >= known_names.valid_from_on
asof join known_emails
    on loyalty_cards.person_number = known_emails.person_number and issued_on >= known_emails.valid_from_on
asof join known_phones
    on loyalty_cards.person_number = known_phones.person_number and issued_on >= known_phones.valid_from_on
asof join known_homes
    on loyalty_cards.person_number = known_homes.person_number and issued_on >= known_homes.valid_from_on
"""

_COLUMNS = """
    store_name,
    getvariable('day') as as_of_on,
    card_number,
    last_name,
    first_name,
    street,
    city,
    postcode,
    phone,
    email,
    birth_on,
    points,
    joined_on,
    nickname,
    noise as flaw,
    place
"""

MEMBERS = Feed(
    source="loyalty",
    name="members",
    stem="members",
    extension="xlsx",
    records=_MEMBERS,
    order_by="last_name, first_name, card_number",
    shape=Workbook(columns=_COLUMNS, write=write_members),
    delivery="snapshot",
    # Every store has a weekday of its own on which it sends its list.
    due="isodow(getvariable('day')) = 1 + hash(store_id) % 7",
    volume="store_id",
    rows_at_most=MEMBERS_PER_WORKBOOK,
)
FEEDS = (MEMBERS,)
