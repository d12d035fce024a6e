"""The CRM's export: all contacts as of a day, CSV with semicolons in cp1252.

Belongs here: which people the CRM knows, what it got wrong about them and how the file looks. Its code page has
western letters only: names and places in others are written as `transliteration.py` says, and SS for a capital ß.
Which kinds of noise there are is `noise.py`.
"""

from orchestration.sample_company.sources.feed import Feed, TextFile
from orchestration.sample_company.sources.known import spoilt_customers

SECOND_CONTACT_SHARE = 0.04
STALE_EMAIL_SHARE = 0.4
STALE_HOME_SHARE = 0.3
ENCODING = "cp1252"
HEADER = (
    "contact_id;title;first_name;last_name;email;phone;street;postcode;city;country;birthday;gender;"
    "company_account_id;marketing_flag;created_at;updated_at"
)

_CONTACTS = f"""
with contacts as (
    select person_number, 1 as copy, 'C' || (10000000 + person_number) as contact_id,
        joined_on + floor(draw(bits, 0) * 45)::integer as created_on,
        draw(bits, 1) < {STALE_EMAIL_SHARE} as is_email_stale,
        draw(bits, 2) < {STALE_HOME_SHARE} as is_home_stale,
        480 + floor(draw(bits, 3) * 600)::integer as minute,
    from (select *, bits_of('crm/contact', person_number) as bits from people)
    where is_in_crm
    union all
    select person_number, 2, 'C' || (60000000 + person_number),
        joined_on + 75 + floor(draw(bits, 1) * 400)::integer, true, true,
        480 + floor(draw(bits, 3) * 600)::integer
    from (select *, bits_of('crm/second contact', person_number) as bits from people)
    where is_in_crm and draw(bits, 0) < {SECOND_CONTACT_SHARE}
),

changes as (
    select person_number, valid_from_on, 'email' as change from known_emails
    union all
    select person_number, valid_from_on, 'home' from known_homes
    union all
    select person_number, valid_from_on, 'name' from known_names
    union all
    select person_number, valid_from_on, 'phone' from known_phones
),

-- An era begins when the contact is created or one of its values changes, whether the CRM hears of it or not.
eras as (
    select *,
        lead(valid_from_on) over (partition by contact_id order by valid_from_on) as valid_to_on,
        max(if(is_heard, valid_from_on, null)) over (
            partition by contact_id order by valid_from_on
        ) as updated_on,
    from (
        select contacts.*, created_on as valid_from_on, true as is_heard
        from contacts
        union all
        select contacts.*, changes.valid_from_on,
            bool_or(
                case change when 'email' then not is_email_stale when 'home' then not is_home_stale else true end
            )
        from contacts
        join changes
            on contacts.person_number = changes.person_number and changes.valid_from_on > created_on
        group by all
    )
),

known as (
    select eras.*, if(is_email_stale, created_on, eras.valid_from_on) as email_on,
        if(is_home_stale, created_on, eras.valid_from_on) as home_on,
    from eras
),

-- The flag is what the person said first; withdrawals reach the consent log only.
first_answers as (
    select person_number, arg_min(status, (changed_at, consent_id)) = 'granted' as is_wanted
    from consents
    where purpose = 'marketing' and channel = 'email'
    group by person_number
),

known_people as (
    select
        known.contact_id || ':' || known.updated_on as profile_key,
        known.*,
        people.first_name_latin as first_name,
        known_names.last_name_latin as last_name,
        latin_nicknames.latin as nickname,
        '' as first_name_latin,
        '' as last_name_latin,
        known_emails.value as email,
        known_emails.value <> emails_now.value as is_email_old,
        known_phones.value as phone_e164,
        people.country_code as phone_country_code,
        known_homes.country_code,
        homes_now.home_number <> known_homes.home_number as is_home_old,
        latin_streets.latin as street,
        known_homes.house_number,
        latin_cities.latin as city,
        known_homes.postcode,
        people.title,
        people.birth_on,
        people.gender,
        people.account_id_company,
        bits_of('crm/contacts/rest', known.contact_id) as rest_bits,
        floor(draw(bits_of('crm/contacts/flag', known.contact_id), 0) * 3)::integer as flag_place,
        coalesce(first_answers.is_wanted, false) as is_marketing_wanted,
    from known
    join people
        using (person_number)
    asof join known_names
        on known.person_number = known_names.person_number and known.valid_from_on >= known_names.valid_from_on
    asof join known_emails
        on known.person_number = known_emails.person_number and email_on >= known_emails.valid_from_on
    asof join known_emails as emails_now
        on known.person_number = emails_now.person_number and known.valid_from_on >= emails_now.valid_from_on
    asof join known_phones
        on known.person_number = known_phones.person_number and known.valid_from_on >= known_phones.valid_from_on
    asof join known_homes
        on known.person_number = known_homes.person_number and home_on >= known_homes.valid_from_on
    asof join known_homes as homes_now
        on known.person_number = homes_now.person_number and known.valid_from_on >= homes_now.valid_from_on
    join latin_texts as latin_streets
        on known_homes.street = latin_streets.written
    join latin_texts as latin_cities
        on known_homes.city = latin_cities.written
    left join latin_texts as latin_nicknames
        on people.nickname = latin_nicknames.written
    left join first_answers
        on known.person_number = first_answers.person_number
),

spoilt as (
    select
        *,
        noise_crm_contacts_birthday(draw(rest_bits, 0)) as birthday_kind,
        noise_crm_contacts_postcode(draw(rest_bits, 1)) as postcode_kind,
        noise_crm_contacts_gender(draw(rest_bits, 2)) as gender_kind,
        noise_crm_contacts_marketing_flag(draw(rest_bits, 3)) as flag_kind,
    from ({
    spoilt_customers(
        "known_people",
        "crm/contacts",
        phone="trunk_prefix || left(subscriber, 4) || ' ' || substr(subscriber, 5)",
        country="spellings[1]",
        spellings="spellings_latin",
    )
})
)

select
    contact_id as record_key,
    'crm:contacts:' || contact_id as record_id,
    person_number,
    valid_from_on,
    valid_to_on,
    list_concat(customer_noises, [
        noisy('birthday', birthday_kind),
        noisy('postcode', postcode_kind),
        noisy('gender', gender_kind),
        noisy('marketing_flag', flag_kind),
        noisy('email', if(is_email_old, 'stale', null)),
        noisy('address', if(is_home_old, 'stale', null)),
    ]) as noises,
    contact_id,
    title,
    first_name_written,
    last_name_written,
    email_written,
    phone_written,
    case when country_code in ('GB', 'IE', 'FR') then house_number || ' ' || street
        else street || ' ' || house_number end as street,
    if(postcode_kind = 'missing', null, postcode) as postcode,
    city,
    country_written,
    case birthday_kind
        when 'default' then '01.01.1900'
        when 'missing' then null
        when 'invalid' then '31.02.' || strftime(birth_on, '%Y')
        else strftime(birth_on, '%d.%m.%Y')
    end as birthday,
    if(gender_kind is null, map {{'female': 'F', 'male': 'M', 'other': 'X'}}[gender], null) as gender,
    account_id_company,
    case flag_kind
        when 'missing' then null
        when 'other_words' then if(is_marketing_wanted, ['yes', '1', 'y'], ['no', '0', 'n'])[1 + flag_place]
        else if(is_marketing_wanted, 'Y', 'N')
    end as marketing_flag,
    strftime(created_on + to_minutes(minute), '%d.%m.%Y %H:%M') as created_at,
    strftime(updated_on + to_minutes(minute), '%d.%m.%Y %H:%M') as updated_at,
from spoilt
"""

_LINE = """concat_ws(
    ';',
    if(noise is not distinct from 'contact_id_missing', '', contact_id),
    csv_cell(title, ';'),
    csv_cell(first_name_written, ';'),
    csv_cell(last_name_written, ';'),
    csv_cell(email_written, ';'),
    csv_cell(phone_written, ';'),
    csv_cell(street, ';'),
    csv_cell(postcode, ';'),
    csv_cell(if(row_index % 500 = 7, city || '; centre', city), ';'),
    csv_cell(country_written, ';'),
    csv_cell(birthday, ';'),
    csv_cell(gender, ';'),
    csv_cell(account_id_company, ';'),
    csv_cell(marketing_flag, ';'),
    created_at,
    updated_at
)"""

CONTACTS = Feed(
    source="crm",
    name="contacts",
    stem="contacts",
    extension="csv",
    records=_CONTACTS,
    order_by="contact_id",
    shape=TextFile(line=_LINE, header=HEADER, delimiter=";", newline="\r\n", encoding=ENCODING),
    delivery="snapshot",
)
FEEDS = (CONTACTS,)
