{# Returns whether the whole text matches a regular expression; null for null. The
   pattern is a literal, or a column with `is_column=true`. #}
{% macro matches_fully(expression, pattern, is_column=false) -%}
    {{ return(adapter.dispatch('matches_fully')(
        expression, pattern if is_column else "'" ~ pattern ~ "'"
    )) }}
{%- endmacro %}

{% macro default__matches_fully(expression, pattern) -%}
    regexp_full_match({{ expression }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_fully(expression, pattern) -%}
    {{ expression }} rlike concat('^(?:', {{ pattern }}, ')$')
{%- endmacro %}
