{# Returns the UTC instant at which a day of the reporting time zone begins. #}
{% macro start_of_day(day) -%}
    {{ local_to_utc('cast(' ~ day ~ ' as timestamp)', var('business_time_zone')) }}
{%- endmacro %}
