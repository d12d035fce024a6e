-- One row per source record seen up to this night, with the customer it belongs to.
{{ config(tags=['block_customer']) }}
{{ replace_touched('int_customers_touched', 'customer_id') }}

select
    record_id,
    customer_id,
    source,
    cluster_rule,
    first_seen_at,
    first_seen_on
from {{ ref('int_records_assigned') }}
where {{ is_touched('customer_id') }}
