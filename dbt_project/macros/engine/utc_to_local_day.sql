{# Returns the calendar day in a time zone of a UTC instant (without zone). #}
{% macro utc_to_local_day(expression, time_zone) -%}
    {{ return(adapter.dispatch('utc_to_local_day')(expression, time_zone)) }}
{%- endmacro %}

{% macro default__utc_to_local_day(expression, time_zone) -%}
    cast(timezone('{{ time_zone }}', timezone('UTC', {{ expression }})) as date)
{%- endmacro %}

{% macro spark__utc_to_local_day(expression, time_zone) -%}
    cast(from_utc_timestamp({{ expression }}, '{{ time_zone }}') as date)
{%- endmacro %}
