{# Returns two columns of a select list that make one row per element of a JSON
   array: the element as JSON text and its position from 0; no row for other text. #}
{% macro json_elements(expression, element, position) -%}
    {{ return(adapter.dispatch('json_elements')(expression, element, position)) }}
{%- endmacro %}

{% macro default__json_elements(expression, element, position) -%}
    {%- set elements -%}
        case
            when json_valid({{ expression }})
                then cast(
                    try_cast(cast({{ expression }} as json) as json []) as varchar []
                )
        end
    {%- endset -%}
    unnest({{ elements }}) as {{ element }},
    generate_subscripts({{ elements }}, 1) - 1 as {{ position }}
{%- endmacro %}

{% macro spark__json_elements(expression, element, position) -%}
    posexplode(from_json({{ expression }}, 'array<string>'))
        as ({{ position }}, {{ element }})
{%- endmacro %}
