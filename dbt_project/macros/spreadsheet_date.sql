{# Returns the day that a cell of a sheet states, in one of the formats of its contract
   or as the number of days since 1899-12-30 (five digits: a year alone is no day). #}
{% macro spreadsheet_date(
    expression, source_name, feed_name, column_name, has_serials=true
) -%}
    {%- set stated = contract_column(source_name, feed_name, column_name) -%}
    coalesce(
        cast({{ parse_timestamp(expression, stated.formats) }} as date)
        {%- if has_serials -%}
        ,
        case
            when {{ matches_fully("trim(" ~ expression ~ ")", "[1-9][0-9]{4}") }}
                then {{ days_after(
                    "cast('1899-12-30' as date)",
                    "try_cast(trim(" ~ expression ~ ") as integer)"
                ) }}
        end
        {%- endif %}
    )
{%- endmacro %}
