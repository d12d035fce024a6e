{# Returns whether a text is none of those that the contract accepts in a column. #}
{% macro not_accepted(expression, source_name, feed_name, column_name) -%}
    {%- set column = contract_column(source_name, feed_name, column_name) -%}
    {%- set values = column.meta.accepted_values if column else [''] -%}
    coalesce({{ expression }}, '') not in ('{{ values | join("', '") }}')
{%- endmacro %}
