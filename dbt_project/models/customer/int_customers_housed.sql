-- One row per customer with the household they live in, or the reason why none is told.
with customers as (
    select customer_id from {{ ref('dim_customers') }}
),

addresses as (
    select * from {{ ref('int_customers_addressed') }}
),

group_limits as (
    select * from {{ ref('group_limits') }}
),

-- An office, a hostel or what staff type where no address is told, and no home.
addresses_crowded as (
    select addresses.address_hash
    from addresses
    inner join group_limits on group_limits.group_type = 'household'
    where addresses.is_private and addresses.address_hash is not null
    group by addresses.address_hash, group_limits.max_customers_count
    having count(*) > group_limits.max_customers_count
),

customers_judged as (
    select
        customers.customer_id,
        addresses.address_hash,
        addresses.source,
        addresses.said_at,
        case
            when addresses.customer_id is null then 'address_unknown'
            when not addresses.is_private then 'address_of_company'
            when addresses.address_hash is null then 'address_incomplete'
            when addresses_crowded.address_hash is not null then 'address_crowded'
        end as reason_code
    from customers
    left join addresses on customers.customer_id = addresses.customer_id
    left join addresses_crowded
        on addresses.address_hash = addresses_crowded.address_hash
)

-- The id is that of the home: it stays from night to night, whoever moves in or out.
select
    customer_id,
    case
        when reason_code is null then 'h_' || substring(address_hash, 1, 24)
    end as household_id,
    reason_code,
    source,
    said_at
from customers_judged
