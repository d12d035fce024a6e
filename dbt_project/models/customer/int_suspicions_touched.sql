-- One row per customer of whom a value became suspect, or clean, by what others said.
{%- set attributes_before = as_left_before('dim_customer_attributes') %}

with values_suspected as (
    select
        records_assigned.customer_id,
        attributes.attribute,
        attributes.value_hash
    from {{ ref('int_attributes_judged') }} as attributes
    inner join {{ ref('int_records_assigned') }} as records_assigned
        on attributes.record_id = records_assigned.record_id
    where attributes.is_suspect
),

values_suspected_before as (
    {% if attributes_before -%}
        select
            customer_id,
            attribute,
            value_hash
        from {{ attributes_before }}
        where is_suspect
    {%- else -%}
        select *
        from values_suspected
    {%- endif %}
)

select coalesce(suspected.customer_id, suspected_before.customer_id) as customer_id
from values_suspected as suspected
full join values_suspected_before as suspected_before
    on
        suspected.customer_id = suspected_before.customer_id
        and suspected.attribute = suspected_before.attribute
        and suspected.value_hash = suspected_before.value_hash
where suspected.customer_id is null or suspected_before.customer_id is null
group by coalesce(suspected.customer_id, suspected_before.customer_id)
