{# Returns whether an instant lies more than a day after the row was landed: no source
   knows what will happen, and a day is more than a clock is wrong. #}
{% macro landed_too_early(instant, ingested_at) -%}
    {{ instant }} > {{ ingested_at }} + interval 1 day
{%- endmacro %}
