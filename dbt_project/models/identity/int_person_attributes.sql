-- One row per source record of a person, with what it says that can be compared.
{{ config(schema='vault', tags=['block_staging', 'pii']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

with records as (
    select *
    from {{ ref('int_identity_records') }}
    where {{ is_touched('record_id') }}
),

attributes_said as (
    select
        'crm:contacts:' || contact_id_crm as record_id,
        {{ attributes_said(
            given_name='first_name', family_name='last_name', title='title',
            gender='gender_code', birth_date='birthday', street='street',
            postcode='postcode', city='city', country_code='country_code',
            company_account_id='company_account_id_crm'
        ) }}
    from {{ ref('stg_crm__contacts') }}

    union all

    select
        'shop:accounts:' || account_id_shop as record_id,
        {{ attributes_said(
            given_name='first_name', family_name='last_name', birth_date='birthday',
            street='street', house_number='house_number', postcode='postcode',
            city='city', country_code='country_code',
            company_account_id='company_account_id_shop'
        ) }}
    from {{ ref('stg_shop__accounts') }}

    union all

    select
        'loyalty:members:' || card_number as record_id,
        {{ attributes_said(
            given_name='first_name', family_name='last_name', birth_date='birthday',
            street='street', postcode='postcode', city='city'
        ) }}
    from {{ ref('stg_loyalty__members') }}

    union all

    select
        'contact_centre:tickets:' || ticket_id_contact_centre as record_id,
        {{ attributes_said(full_name='requester_name') }}
    from {{ ref('stg_contact_centre__tickets') }}
),

countries_ordered_from as (
    select
        record_id,
        country_code
    from {{ ref('stg_shop__orders') }}
    where country_code is not null and {{ is_touched('record_id') }}
    qualify
        row_number() over (
            partition by record_id order by ordered_at desc, order_id_shop asc
        ) = 1
),

-- What was said last; of two at once, what was verified.
contact_points_last as (
    select
        record_id,
        identifier_type,
        identifier_value
    from {{ ref('int_contact_points_observed') }}
    where {{ is_touched('record_id') }}
    qualify
        row_number() over (
            partition by record_id, identifier_type
            order by last_observed_at desc, is_verified desc, identifier_value asc
        ) = 1
)

select
    records.record_id,
    records.source,
    attributes_said.full_name,
    attributes_said.given_name,
    attributes_said.family_name,
    attributes_said.title,
    attributes_said.gender,
    attributes_said.birth_date,
    emails.identifier_value as email,
    phones.identifier_value as phone,
    attributes_said.street,
    attributes_said.house_number,
    attributes_said.postcode,
    attributes_said.city,
    coalesce(attributes_said.country_code, countries_ordered_from.country_code)
        as country_code,
    attributes_said.company_account_id,
    records.first_seen_at
from records
left join attributes_said on records.record_id = attributes_said.record_id
left join countries_ordered_from
    on records.record_id = countries_ordered_from.record_id
left join contact_points_last as emails
    on records.record_id = emails.record_id and emails.identifier_type = 'email'
left join contact_points_last as phones
    on records.record_id = phones.record_id and phones.identifier_type = 'phone'
