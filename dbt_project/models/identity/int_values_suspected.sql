-- One row per attribute, value and reason why the value is suspect wherever it is.
{{ config(tags=['block_staging']) }}

{% set birth_date_hash = hash_text('cast(birth_date as ' ~ type_text() ~ ')') %}

with birth_dates as (
    select birth_date
    from {{ ref('int_person_attributes') }}
    where birth_date is not null
    group by birth_date
),

names_suspected as (
    select
        {{ hash_text('name_normalised') }} as value_hash,
        suspect_reason_code as reason_code
    from {{ source('standardised', 'names') }}
    where suspect_reason_code is not null
    group by name_normalised, suspect_reason_code
)

select
    'email' as attribute,
    {{ hash_text('email_normalised') }} as value_hash,
    suspect_reason_code as reason_code
from {{ source('standardised', 'emails') }}
where suspect_reason_code is not null
group by email_normalised, suspect_reason_code

union all

select
    identifier_type as attribute,
    identifier_hash as value_hash,
    'identifier_blocked' as reason_code
from {{ ref('blocked_identifiers') }}

union all

{% for attribute in ['given_name', 'family_name', 'full_name'] %}
    select
        '{{ attribute }}' as attribute,
        value_hash,
        reason_code
    from names_suspected

    union all
{% endfor %}

select
    'birth_date' as attribute,
    {{ birth_date_hash }} as value_hash,
    'birth_date_placeholder' as reason_code
from {{ ref('placeholder_birth_dates') }}

union all

select
    'birth_date' as attribute,
    {{ birth_date_hash }} as value_hash,
    'birth_date_in_future' as reason_code
from birth_dates
where birth_date > {{ as_of_on() }}

union all

-- The oldest person whose age is proven was 122.
select
    'birth_date' as attribute,
    {{ birth_date_hash }} as value_hash,
    'age_impossible' as reason_code
from birth_dates
where {{ days_between('birth_date', as_of_on()) }} > 120 * 365.25

union all

select
    attribute,
    value_hash,
    attribute || '_shared' as reason_code
from {{ ref('int_values_shared') }}
