-- One row per customer who may differ from when last built, by whatever changed.
{%- set linked_before = as_left_before('int_customer_records_linked') %}
{%- set orders_before = as_left_before('fct_orders') %}

with records_assigned as (
    select
        record_id,
        customer_id
    from {{ ref('int_records_assigned') }}
),

records_linked_before as (
    {% if linked_before -%}
        select
            record_id,
            customer_id
        from {{ linked_before }}
    {%- else -%}
        select
            record_id,
            customer_id
        from records_assigned
        where false
    {%- endif %}
),

orders_unified as (
    select
        record_id,
        ordered_on
    from {{ ref('int_orders_unified') }}
    where record_id is not null
),

orders_before as (
    {% if orders_before -%}
        select
            customer_id,
            ordered_on
        from {{ orders_before }}
    {%- else -%}
        select
            record_id as customer_id,
            ordered_on
        from orders_unified
        where false
    {%- endif %}
),

last_day_before as (
    select max(ordered_on) as ordered_on
    from orders_before
),

-- By files, or by an order that came before its day and was held back until tonight.
records_touched as (
    select record_id
    from {{ ref('int_identity_records_touched') }}

    union

    select orders_unified.record_id
    from orders_unified
    inner join last_day_before
        on orders_unified.ordered_on > last_day_before.ordered_on
),

-- An owner who lost a record is touched as the one who got it.
records_compared as (
    select
        records_assigned.customer_id,
        records_linked_before.customer_id as customer_id_before
    from records_assigned
    full join records_linked_before
        on records_assigned.record_id = records_linked_before.record_id
    left join records_touched
        on
            coalesce(records_assigned.record_id, records_linked_before.record_id)
            = records_touched.record_id
    where
        records_touched.record_id is not null
        or records_assigned.customer_id is null
        or records_linked_before.customer_id is null
        or records_assigned.customer_id <> records_linked_before.customer_id
)

select customer_id
from records_compared
where customer_id is not null

union

select customer_id_before as customer_id
from records_compared
where customer_id_before is not null

union

-- Known to a later night by an order of which this one knows nothing.
select customer_id
from orders_before
where customer_id is not null and ordered_on > {{ as_of_on() }}

union

select customer_id
from {{ ref('int_suspicions_touched') }}
