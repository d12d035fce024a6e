-- One row per identifier that records of one customer, and of no other, show.
{{ config(tags=['block_customer']) }}

with identifiers_shown as (
    select * from {{ ref('int_identifiers_shown') }}
),

records_linked as (
    select
        record_id,
        customer_id
    from {{ ref('int_customer_records_linked') }}
)

select
    identifiers_shown.identifier_type,
    identifiers_shown.identifier_hash,
    min(records_linked.customer_id) as customer_id
from identifiers_shown
inner join records_linked on identifiers_shown.record_id = records_linked.record_id
group by identifiers_shown.identifier_type, identifiers_shown.identifier_hash
having count(distinct records_linked.customer_id) = 1
