"""The web shop's accounts, as nested JSON lines in UTC; one is sent again when something in it changes.

Belongs here: what the shop keeps of a customer, and its house style.
"""

from orchestration.sample_company.sources.feed import Feed, TextFile
from orchestration.sample_company.sources.known import spoilt_customers

INSTANT = "'%Y-%m-%dT%H:%M:%SZ'"
HOUSE_STYLE = {"phone": "phone_e164", "country": "country_code"}

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
    from ({spoilt_customers("held", "shop/accounts", **HOUSE_STYLE)})
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
    created_at: strftime(created_at, {INSTANT}),
    updated_at: strftime(
        if(noise is not distinct from 'updated_before_created', created_at - interval 400 day, updated_at), {INSTANT}
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
