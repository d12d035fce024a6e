{# Returns the day that lies so many days before a date. #}
{% macro days_before(day, days) -%}
    {{ return(adapter.dispatch('days_before')(day, days)) }}
{%- endmacro %}

{% macro default__days_before(day, days) -%}
    {{ day }} - cast({{ days }} as integer)
{%- endmacro %}

{% macro spark__days_before(day, days) -%}
    date_sub({{ day }}, {{ days }})
{%- endmacro %}
