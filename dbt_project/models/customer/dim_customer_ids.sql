-- One row per customer id that was ever given, with the one that stands for it today.
{{ config(tags=['block_customer'], contract={'enforced': true}) }}

select
    customer_id,
    resolved_customer_id
from {{ source('identity', 'customer_ids') }}
