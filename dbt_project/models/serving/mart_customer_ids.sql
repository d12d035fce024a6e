-- One row per customer id that was ever published, with the one that stands for it now.
select
    customer_id,
    {{ as_of_on() }} as as_of_on,
    resolved_customer_id,
    coalesce(customer_id = resolved_customer_id, false) as is_current
from {{ ref('dim_customer_ids') }}
