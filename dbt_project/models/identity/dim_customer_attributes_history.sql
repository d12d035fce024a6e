-- One row per customer, attribute and night from which its chosen value was known.
{{ config(
    materialized='view', schema='vault', tags=['block_insight', 'pii'],
    contract={'enforced': true}
) }}

with nights_known as (
    select
        *,
        lead(known_from_on) over (
            partition by customer_id, attribute
            order by known_from_on asc
        ) as known_to_on
    from {{ source('identity', 'golden_history') }}
)

select
    customer_id,
    attribute,
    value_hash,
    attribute_value,
    given_name,
    family_name,
    street,
    house_number,
    postcode,
    city,
    address_country_code,
    source,
    record_id,
    chosen_because,
    valid_from_at,
    known_from_on,
    known_to_on
from nights_known
where is_known
