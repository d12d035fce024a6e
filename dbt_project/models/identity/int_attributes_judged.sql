-- One row per source record, attribute and value, with whether the value is suspect.
{{ config(materialized='view', schema='vault', tags=['block_staging', 'pii']) }}

with attributes as (
    select * from {{ ref('int_attributes_observed') }}
),

values_named as (
    select
        case
            when attribute in ('given_name', 'family_name', 'full_name') then 'name'
            when attribute = 'street' then 'address'
            else attribute
        end as attribute,
        value_hash
    from {{ ref('int_values_suspected') }}
),

values_suspected as (
    select
        attribute,
        value_hash
    from values_named
    group by attribute, value_hash
)

-- A name is suspect by either of its parts.
select
    attributes.record_id,
    attributes.source,
    attributes.attribute,
    attributes.value_hash,
    attributes.attribute_value,
    attributes.given_name,
    attributes.family_name,
    attributes.street,
    attributes.house_number,
    attributes.postcode,
    attributes.city,
    attributes.address_country_code,
    attributes.parts_count,
    attributes.is_verified,
    attributes.is_current,
    coalesce(suspected.value_hash, suspected_second.value_hash) is not null
        as is_suspect,
    attributes.first_said_at,
    attributes.last_said_at,
    attributes.times_said_count
from attributes
left join values_suspected as suspected
    on
        attributes.attribute = suspected.attribute
        and attributes.judged_hash = suspected.value_hash
left join values_suspected as suspected_second
    on
        attributes.attribute = suspected_second.attribute
        and attributes.judged_hash_second = suspected_second.value_hash
