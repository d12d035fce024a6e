-- One row per source record and exact identifier that may join records, as a hash.
{{ config(materialized='view', tags=['block_staging']) }}

with identifiers_unioned as (
    select
        record_id,
        identifier_type,
        identifier_hash,
        is_verified,
        first_observed_at,
        last_observed_at
    from {{ ref('int_contact_points_observed') }}

    union all

    select
        record_id,
        identifier_type,
        identifier_hash,
        is_verified,
        first_observed_at,
        last_observed_at
    from {{ ref('int_logins_observed') }}
),

values_suspected as (
    select
        attribute,
        value_hash
    from {{ ref('int_values_suspected') }}
    group by attribute, value_hash
)

select
    identifiers.record_id,
    identifiers.identifier_type,
    identifiers.identifier_hash,
    identifiers.is_verified,
    identifiers.first_observed_at,
    identifiers.last_observed_at
from identifiers_unioned as identifiers
left join values_suspected
    on
        identifiers.identifier_type = values_suspected.attribute
        and identifiers.identifier_hash = values_suspected.value_hash
where values_suspected.value_hash is null
