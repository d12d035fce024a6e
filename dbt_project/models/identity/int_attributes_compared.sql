-- One row per source record of a person, with what linkage compares: suspects left out.
{{ config(materialized='view', schema='vault', tags=['block_staging', 'pii']) }}

{% set judged = {
    'full_name': hash_text('attributes.full_name'),
    'given_name': hash_text('attributes.given_name'),
    'family_name': hash_text('attributes.family_name'),
    'birth_date': hash_text('cast(attributes.birth_date as ' ~ type_text() ~ ')'),
    'email': hash_text('attributes.email'),
    'phone': hash_text('attributes.phone'),
} %}

with attributes as (
    select * from {{ ref('int_person_attributes') }}
),

records_suspected as (
    select
        attributes.record_id,
        {% for attribute, value_hash in judged.items() %}
            bool_or(
                suspect_values.attribute = '{{ attribute }}'
                and suspect_values.value_hash = {{ value_hash }}
            ) as is_{{ attribute }}_suspect,
        {% endfor %}
        bool_or(suspect_values.attribute = 'street') as is_street_suspect
    from attributes
    inner join {{ ref('int_suspect_values') }} as suspect_values
        on attributes.record_id = suspect_values.record_id
    group by attributes.record_id
),

attributes_trusted as (
    select
        attributes.record_id,
        attributes.source,
        {% for attribute in (judged | list) + ['street'] %}
            case
                when not coalesce(suspected.is_{{ attribute }}_suspect, false)
                    then attributes.{{ attribute }}
            end as {{ attribute }},
        {% endfor %}
        attributes.title,
        attributes.gender,
        attributes.house_number,
        attributes.postcode,
        attributes.city,
        attributes.country_code,
        attributes.company_account_id,
        attributes.first_seen_at
    from attributes
    left join records_suspected as suspected
        on attributes.record_id = suspected.record_id
),

names_keyed as (
    select
        name_normalised,
        min(name_words) as name_words,
        min(given_name_forms) as given_name_forms,
        min(family_name_key) as family_name_key
    from {{ source('standardised', 'names') }}
    where is_valid
    group by name_normalised
),

emails_keyed as (
    select
        email_normalised,
        min(email_match_key) as email_match_key
    from {{ source('standardised', 'emails') }}
    where is_valid
    group by email_normalised
)

select
    attributes.record_id,
    attributes.source,
    attributes.full_name,
    full_names.name_words as full_name_words,
    attributes.given_name,
    given_names.given_name_forms,
    attributes.family_name,
    family_names.family_name_key,
    attributes.title,
    attributes.gender,
    attributes.birth_date,
    attributes.email,
    emails_keyed.email_match_key,
    attributes.phone,
    attributes.street,
    attributes.house_number,
    attributes.postcode,
    attributes.city,
    attributes.country_code,
    attributes.company_account_id,
    attributes.first_seen_at
from attributes_trusted as attributes
left join names_keyed as full_names
    on attributes.full_name = full_names.name_normalised
left join names_keyed as given_names
    on attributes.given_name = given_names.name_normalised
left join names_keyed as family_names
    on attributes.family_name = family_names.name_normalised
left join emails_keyed on attributes.email = emails_keyed.email_normalised
