{# Returns the UTC instant (without zone) of a wall-clock time in a time zone. #}
{% macro local_to_utc(expression, time_zone) -%}
    {{ return(adapter.dispatch('local_to_utc')(expression, time_zone)) }}
{%- endmacro %}

{% macro default__local_to_utc(expression, time_zone) -%}
    timezone('UTC', timezone('{{ time_zone }}', {{ expression }}))
{%- endmacro %}

{% macro spark__local_to_utc(expression, time_zone) -%}
    to_utc_timestamp({{ expression }}, '{{ time_zone }}')
{%- endmacro %}
