-- One row per customer: a person as far as the sources' records show one.
{{ config(contract={'enforced': true}) }}
{{ replace_touched('int_customers_touched', 'customer_id') }}

with records_linked as (
    select *
    from {{ ref('int_customer_records_linked') }}
    where {{ is_touched('customer_id') }}
),

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
),

orders_unified as (
    select * from {{ ref('int_orders_unified') }}
),

identifiers as (
    select *
    from {{ ref('dim_customer_identifiers') }}
    where {{ is_touched('customer_id') }}
),

records_summed as (
    select
        customer_id,
        count(distinct source) as sources_count,
        count(*) as records_count,
        min(first_seen_on) as first_seen_on
    from records_linked
    group by customer_id
),

countries_stated as (
    select
        'crm:contacts:' || contact_id_crm as record_id,
        country_code,
        updated_at as stated_at
    from contacts
    where country_code is not null

    union all

    select
        record_id,
        country_code,
        ordered_at as stated_at
    from orders_unified
    where country_code is not null and record_id is not null
),

countries_chosen as (
    select
        records_linked.customer_id,
        countries_stated.country_code
    from countries_stated
    inner join records_linked
        on countries_stated.record_id = records_linked.record_id
    qualify
        row_number() over (
            partition by records_linked.customer_id
            order by
                countries_stated.stated_at desc,
                countries_stated.record_id asc,
                countries_stated.country_code asc
        ) = 1
),

birth_years_chosen as (
    select
        records_linked.customer_id,
        cast(extract(year from contacts.birthday) as integer) as birth_year
    from contacts
    inner join records_linked
        on 'crm:contacts:' || contacts.contact_id_crm = records_linked.record_id
    where contacts.birthday is not null
    qualify
        row_number() over (
            partition by records_linked.customer_id
            order by contacts.updated_at desc, contacts.contact_id_crm asc
        ) = 1
),

identifiers_summed as (
    select
        customer_id,
        count(*) filter (where identifier_type = 'email') > 0 as has_email,
        count(*) filter (where identifier_type = 'phone') > 0 as has_phone
    from identifiers
    group by customer_id
)

select
    records_summed.customer_id,
    countries_chosen.country_code,
    birth_years_chosen.birth_year,
    coalesce(identifiers_summed.has_email, false) as has_email,
    coalesce(identifiers_summed.has_phone, false) as has_phone,
    records_summed.sources_count,
    records_summed.records_count,
    records_summed.first_seen_on
from records_summed
left join countries_chosen
    on records_summed.customer_id = countries_chosen.customer_id
left join birth_years_chosen
    on records_summed.customer_id = birth_years_chosen.customer_id
left join identifiers_summed
    on records_summed.customer_id = identifiers_summed.customer_id
