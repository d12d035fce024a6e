-- One row per day as of which features are held: this night and days before it.
{{ config(tags=['block_insight']) }}
{%- set features_before = as_left_before('feat_customers__365d') %}

-- Past days are the same in every night, thirty apart, so that their features are kept.
-- With them training has a year of dates before the tested one, and learns each season.
with steps as (
    select {{ whole_numbers_below(19) }} as step
),

day_last as (
    select
        {{ days_between("cast('2026-01-01' as date)", as_of_on()) }} as days_count
),

days_stepped as (
    select {{ as_of_on() }} as as_of_on

    union

    select
        {{ days_before(
            as_of_on(), '30 * steps.step + (day_last.days_count % 30 + 30) % 30'
        ) }} as as_of_on
    from steps
    cross join day_last
),

orders_first as (
    select min(ordered_on) as first_ordered_on
    from {{ ref('fct_orders') }}
),

days_before as (
    {% if features_before -%}
        select as_of_on
        from {{ features_before }}
        group by as_of_on
    {%- else -%}
        select as_of_on
        from days_stepped
        where false
    {%- endif %}
)

-- A window is open on its left: its day `after_…` is the last one outside.
select
    days_stepped.as_of_on,
    {{ days_before('days_stepped.as_of_on', 30) }} as after_30d_on,
    {{ days_before('days_stepped.as_of_on', 90) }} as after_90d_on,
    {{ days_before('days_stepped.as_of_on', 365) }} as after_365d_on,
    days_before.as_of_on is null or days_stepped.as_of_on = {{ as_of_on() }}
        as is_for_everyone
from days_stepped
cross join orders_first
left join days_before on days_stepped.as_of_on = days_before.as_of_on
-- A day in the first month of a shop has next to nothing to look back on.
where
    days_stepped.as_of_on = {{ as_of_on() }}
    or days_stepped.as_of_on
    >= {{ days_after('orders_first.first_ordered_on', 30) }}
