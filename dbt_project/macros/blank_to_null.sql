{# Returns the trimmed text, null when nothing is left: CSV cannot say null. #}
{% macro blank_to_null(expression) -%}
    nullif(trim({{ expression }}), '')
{%- endmacro %}
