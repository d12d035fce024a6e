-- One row per household: a home with the customers who live there.
{{ config(contract={'enforced': true}) }}

with customers_housed as (
    select *
    from {{ ref('int_customers_housed') }}
    where household_id is not null
)

select
    household_id,
    count(*) as customers_count,
    min(said_at) as first_said_at,
    max(said_at) as last_said_at
from customers_housed
group by household_id
