{# Returns the UTC instant (without zone) that lies so many microseconds after 1970. #}
{% macro instant_of_micros(expression) -%}
    {{ return(adapter.dispatch('instant_of_micros')(expression)) }}
{%- endmacro %}

{% macro default__instant_of_micros(expression) -%}
    make_timestamp({{ expression }})
{%- endmacro %}

{% macro spark__instant_of_micros(expression) -%}
    timestamp_micros({{ expression }})
{%- endmacro %}
