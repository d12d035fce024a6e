{# Returns the query of the rows of a typed model that were accepted or repaired, one per
   key: the latest by the source's own clock, then by content, never by arrival. #}
{% macro kept_rows(typed_model, judged_model, columns, key, latest_by=[]) -%}
with rows_typed as (
    select * from {{ typed_model }}
),

rows_kept as (
    select row_id
    from {{ judged_model }}
    where row_fate in ('accepted', 'repaired')
)

select
    {%- for column in columns %}
    rows_typed.{{ column }},
    {%- endfor %}
    rows_typed.row_id
from rows_typed
inner join rows_kept on rows_typed.row_id = rows_kept.row_id
qualify
    row_number() over (
        partition by rows_typed.{{ key | join(', rows_typed.') }}
        order by
            {%- for column in latest_by %}
            rows_typed.{{ column }} desc,
            {%- endfor %}
            rows_typed.row_hash desc
    ) = 1
{%- endmacro %}
