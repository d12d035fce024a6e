{# Returns whether a text is none of those that the contract accepts in a column. #}
{% macro not_accepted(expression, source_name, feed_name, column_name) -%}
    {%- set stated = contract_column(source_name, feed_name, column_name) -%}
    coalesce({{ expression }}, '') not in ('{{ stated.accepted_values | join("', '") }}')
{%- endmacro %}
