{# Returns the query of the rows of a typed model that were accepted or repaired, one per
   key: the latest by the source's own clock, then by content, never by arrival. A feed
   whose files' names are its only clock states itself as `listed_by`: `listed_on` is
   then the last day under which the bytes of a row's file came, whenever they landed. #}
{% macro kept_rows(
    typed_model, judged_model, columns, key, latest_by=[], listed_by=none
) -%}
with rows_typed as (
    select * from {{ typed_model }}
),

rows_kept as (
    select row_id
    from {{ judged_model }}
    where row_fate in ('accepted', 'repaired')
)
{%- if listed_by %},

files_listed as (
    select
        file_sha256,
        max(try_cast({{ file_day('file_name') }} as date)) as listed_on
    from {{ source('ledger', 'files') }}
    where
        source = '{{ listed_by[0] }}'
        and feed = '{{ listed_by[1] }}'
        and file_fate <> 'refused'
    group by file_sha256
)
{%- endif %}

{% set tables = {'listed_on': 'files_listed'} if listed_by else {} -%}
select
    {%- for column in columns %}
    {{ tables.get(column, 'rows_typed') }}.{{ column }},
    {%- endfor %}
    rows_typed.row_id
from rows_typed
inner join rows_kept on rows_typed.row_id = rows_kept.row_id
{%- if listed_by %}
inner join files_listed on rows_typed._file_sha256 = files_listed.file_sha256
{%- endif %}
qualify
    row_number() over (
        partition by rows_typed.{{ key | join(', rows_typed.') }}
        order by
            {%- for column in latest_by %}
            {{ tables.get(column, 'rows_typed') }}.{{ column }} desc,
            {%- endfor %}
            rows_typed.row_hash desc
    ) = 1
{%- endmacro %}
