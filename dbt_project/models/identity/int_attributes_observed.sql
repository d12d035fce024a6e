-- One row per source record, attribute and value that it ever showed, with its age.
{{ config(schema='vault', tags=['block_staging', 'pii']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

{% set name_parts = ['given_name', 'family_name'] %}
{% set address_parts = [
    'street', 'house_number', 'postcode', 'city', 'country_code',
] %}
{% set parts = name_parts + address_parts %}
{% set birth_date_text = 'cast(birth_date as ' ~ type_text() ~ ')' %}
{% set given_or_full_name = 'coalesce(given_name, full_name)' %}

with statements as (
    select *
    from {{ ref('int_person_statements') }}
    where {{ is_touched('record_id') }}
),

-- A name and an address are one value each: their parts are said together, and parts of
-- two statements may be those of two people or two homes.
values_said as (
    {% for attribute, value, own_parts, judged, judged_too in [
        ('name', "coalesce(nullif(concat_ws(' ', given_name, family_name), ''),"
            ~ " full_name)", name_parts, hash_text(given_or_full_name),
            hash_text('family_name')),
        ('address', "case when coalesce(street, postcode, city) is not null then"
            ~ " concat_ws(', ', street, house_number, postcode, city, country_code)"
            ~ " end", address_parts, address_hash(), 'null'),
        ('email', 'email', [], hash_text('email'), 'null'),
        ('phone', 'phone', [], hash_text('phone'), 'null'),
        ('birth_date', birth_date_text, [], hash_text(birth_date_text), 'null'),
        ('title', 'title', [], 'null', 'null'),
        ('gender', 'gender', [], 'null', 'null'),
        ('country_code', 'country_code', [], 'null', 'null'),
        ('company_account_id', 'company_account_id', [], 'null', 'null'),
    ] %}
        select
            record_id,
            source,
            is_version,
            said_at,
            said_as,
            '{{ attribute }}' as attribute,
            {{ value }} as attribute_value,
            {{ parts_known(own_parts | reject('in', ['house_number', 'country_code'])
                | list) }} as parts_count,
            {% for part in parts %}
                {{ part if part in own_parts
                    else 'cast(null as ' ~ type_text() ~ ')' }} as {{ part }},
            {% endfor %}
            cast({{ judged }} as {{ type_text() }}) as judged_hash,
            cast({{ judged_too }} as {{ type_text() }}) as judged_hash_second,
            {{ 'coalesce(is_email_verified, false)' if attribute == 'email'
                else 'false' }} as is_verified
        from statements
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A version replaces what the version before it said; an empty cell says nothing.
values_placed as (
    select
        *,
        {{ hash_text(
            "concat_ws('|', attribute_value, "
            ~ "coalesce(given_name, ''), coalesce(family_name, ''), "
            ~ "coalesce(street, ''), coalesce(house_number, ''), "
            ~ "coalesce(postcode, ''), coalesce(city, ''))"
        ) }} as value_hash,
        row_number() over (
            partition by record_id, attribute, is_version
            order by said_at desc, said_as desc
        ) as place
    from values_said
    where attribute_value is not null
)

select
    record_id,
    source,
    attribute,
    value_hash,
    max(attribute_value) as attribute_value,
    {% for part in parts %}
        max({{ part }}) as {{ 'address_country_code' if part == 'country_code'
            else part }},
    {% endfor %}
    max(parts_count) as parts_count,
    max(judged_hash) as judged_hash,
    max(judged_hash_second) as judged_hash_second,
    bool_or(is_verified) as is_verified,
    bool_or(place = 1 or not is_version) as is_current,
    min(said_at) as first_said_at,
    max(said_at) as last_said_at,
    count(*) as times_said_count
from values_placed
group by record_id, source, attribute, value_hash
