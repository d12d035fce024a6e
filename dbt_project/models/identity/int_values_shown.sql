-- One row per source record, attribute and value that it shows, all as hashes.
{{ config(tags=['block_staging']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

{% set birth_date_text = 'cast(birth_date as ' ~ type_text() ~ ')' %}

with attributes as (
    select
        record_id,
        given_name,
        family_name,
        full_name,
        {{ birth_date_text }} as birth_date_text,
        {{ address_hash() }} as street_hash,
        {{ hash_text(
            "nullif(lower(concat_ws(' ', given_name, family_name, full_name)), '')"
        ) }} as name_hash
    from {{ ref('int_person_attributes') }}
    where {{ is_touched('record_id') }}
),

values_unioned as (
    select
        record_id,
        identifier_type as attribute,
        identifier_hash as value_hash
    from {{ ref('int_contact_points_observed') }}
    where {{ is_touched('record_id') }}

    union all

    select
        record_id,
        'street' as attribute,
        street_hash as value_hash
    from attributes

    union all

    select
        record_id,
        'birth_date' as attribute,
        {{ hash_text('birth_date_text') }} as value_hash
    from attributes

    union all

    select
        record_id,
        'given_name' as attribute,
        {{ hash_text('given_name') }} as value_hash
    from attributes

    union all

    select
        record_id,
        'family_name' as attribute,
        {{ hash_text('family_name') }} as value_hash
    from attributes

    union all

    select
        record_id,
        'full_name' as attribute,
        {{ hash_text('full_name') }} as value_hash
    from attributes
)

select
    values_unioned.record_id,
    values_unioned.attribute,
    values_unioned.value_hash,
    attributes.name_hash
from values_unioned
inner join attributes on values_unioned.record_id = attributes.record_id
where values_unioned.value_hash is not null
