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
)

select
    attributes.record_id,
    attributes.source,
    {% for attribute in (judged | list) + ['street'] %}
        case
            when not coalesce(suspected.is_{{ attribute }}_suspect, false)
                then attributes.{{ attribute }}
        end as {{ attribute }},
    {% endfor %}
    attributes.gender,
    attributes.house_number,
    attributes.postcode,
    attributes.city,
    attributes.country_code
from attributes
left join records_suspected as suspected
    on attributes.record_id = suspected.record_id
