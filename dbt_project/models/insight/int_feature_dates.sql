-- One row per day as of which features are computed: this night and days before it.
{{ config(materialized='view', tags=['block_insight']) }}

-- A year of training dates before the tested one, so that each season is learnt from.
with steps as (
    select {{ whole_numbers_below(19) }} as step
),

days_stepped as (
    select
        step,
        {{ days_before(as_of_on(), '30 * step') }} as as_of_on
    from steps
),

orders_first as (
    select min(ordered_on) as first_ordered_on
    from {{ ref('fct_orders') }}
)

-- A window is open on its left: its day `after_…` is the last one outside.
select
    days_stepped.as_of_on,
    {{ days_before('days_stepped.as_of_on', 30) }} as after_30d_on,
    {{ days_before('days_stepped.as_of_on', 90) }} as after_90d_on,
    {{ days_before('days_stepped.as_of_on', 365) }} as after_365d_on
from days_stepped
cross join orders_first
-- A day in the first month of a shop has next to nothing to look back on.
where
    days_stepped.step = 0
    or days_stepped.as_of_on
    >= {{ days_after('orders_first.first_ordered_on', 30) }}
