-- Fails when the grid is not 125 different cells of scores from 1 to 5.
{{ config(tags=['block_staging']) }}

with cells_grouped as (
    select
        recency_score,
        frequency_score,
        monetary_score
    from {{ ref('rfm_grid') }}
    where
        recency_score between 1 and 5
        and frequency_score between 1 and 5
        and monetary_score between 1 and 5
        and cell_rank between 1 and 125
    group by recency_score, frequency_score, monetary_score
),

cells_counted as (
    select count(*) as cells_count
    from cells_grouped
)

select cells_count
from cells_counted
where cells_count <> 125
