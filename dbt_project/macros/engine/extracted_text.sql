{# Returns what the first group of a regular expression finds in a text, else null. #}
{% macro extracted_text(expression, pattern) -%}
    {{ return(adapter.dispatch('extracted_text')(expression, pattern)) }}
{%- endmacro %}

{% macro default__extracted_text(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', 1), '')
{%- endmacro %}
