-- One row per identifier that records of one customer, and of no other, show.
{{ config(tags=['block_customer']) }}

with identifiers_unioned as (
    select
        record_id,
        identifier_type,
        identifier_hash
    from {{ ref('int_contact_points_observed') }}

    union all

    select
        record_id,
        identifier_type,
        identifier_hash
    from {{ ref('int_logins_observed') }}

    union all

    select
        record_id,
        'device_id' as identifier_type,
        {{ hash_text('device_id') }} as identifier_hash
    from {{ ref('int_devices_logged_in') }}
),

records_linked as (
    select
        record_id,
        customer_id
    from {{ ref('int_customer_records_linked') }}
)

select
    identifiers.identifier_type,
    identifiers.identifier_hash,
    min(records_linked.customer_id) as customer_id
from identifiers_unioned as identifiers
inner join records_linked on identifiers.record_id = records_linked.record_id
group by identifiers.identifier_type, identifiers.identifier_hash
having count(distinct records_linked.customer_id) = 1
