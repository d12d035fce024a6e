{# Returns one item of a list, by its position from 0; null when it has none there. #}
{% macro list_item(expression, position) -%}
    {{ return(adapter.dispatch('list_item')(expression, position)) }}
{%- endmacro %}

{% macro default__list_item(expression, position) -%}
    {{ expression }} [{{ position + 1 }}]
{%- endmacro %}

{% macro spark__list_item(expression, position) -%}
    get({{ expression }}, {{ position }})
{%- endmacro %}
