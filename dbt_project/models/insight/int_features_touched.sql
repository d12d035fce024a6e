-- One row per customer and feature day whose features, as last built, are replaced.
{{ config(tags=['block_insight']) }}
{%- set features_before = as_left_before('feat_customers__365d') %}

with features_before as (
    {% if features_before -%}
        select
            customer_id,
            as_of_on
        from {{ features_before }}
    {%- else -%}
        select
            customers_touched.customer_id,
            feature_dates.as_of_on
        from {{ ref('int_customers_touched') }} as customers_touched
        cross join {{ ref('int_feature_dates') }} as feature_dates
        where false
    {%- endif %}
)

select
    features_before.customer_id,
    features_before.as_of_on
from features_before
left join {{ ref('int_customers_touched') }} as customers_touched
    on features_before.customer_id = customers_touched.customer_id
left join {{ ref('int_feature_dates') }} as feature_dates
    on features_before.as_of_on = feature_dates.as_of_on
where
    customers_touched.customer_id is not null
    or feature_dates.as_of_on is null
    or feature_dates.is_for_everyone
