{# Returns one column of a select list that makes a row for each number from 0. #}
{% macro whole_numbers_below(end) -%}
    {{ return(adapter.dispatch('whole_numbers_below')(end)) }}
{%- endmacro %}

{% macro default__whole_numbers_below(end) -%}
    unnest(range({{ end }}))
{%- endmacro %}

{% macro spark__whole_numbers_below(end) -%}
    explode(sequence(0, {{ end }} - 1))
{%- endmacro %}
