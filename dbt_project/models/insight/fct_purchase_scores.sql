-- One row per customer scored this night.
{{ config(tags=['block_serving'], contract={'enforced': true}) }}

select
    customer_id,
    as_of_on,
    model_id,
    purchase_probability_next_90d,
    reasons_json as purchase_reasons_json
from {{ source('insight', 'purchase_scores') }}
where as_of_on = {{ as_of_on() }}
