{# Returns the letters of a text in every script, in lower case and without all else. #}
{% macro letters_alone(expression) -%}
    {{ return(adapter.dispatch('letters_alone')(expression)) }}
{%- endmacro %}

{% macro default__letters_alone(expression) -%}
    regexp_replace(lower({{ expression }}), '[^\p{L}]', '', 'g')
{%- endmacro %}

{% macro spark__letters_alone(expression) -%}
    regexp_replace(lower({{ expression }}), '[^\\p{L}]', '')
{%- endmacro %}
