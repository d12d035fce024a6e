{# Returns the calendar day of a UTC instant in the reporting time zone. #}
{% macro business_day(instant) -%}
    {{ utc_to_local_day(instant, var('business_time_zone')) }}
{%- endmacro %}
