-- One row per customer id that was ever published, with the one that stands for it now.
with ids_given as (
    select * from {{ ref('dim_customer_ids') }}
),

customers as (
    select customer_id from {{ ref('dim_customers') }}
)

-- A customer of whom all that is known is dated after this night is not one yet.
select
    ids_given.customer_id,
    {{ as_of_on() }} as as_of_on,
    ids_given.resolved_customer_id,
    coalesce(ids_given.customer_id = ids_given.resolved_customer_id, false)
        as is_current
from ids_given
left join customers on ids_given.resolved_customer_id = customers.customer_id
where ids_given.resolved_customer_id is null or customers.customer_id is not null
