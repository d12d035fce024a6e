{# Returns one member of a JSON object as text, null when the text is no JSON. #}
{% macro json_text(expression, member) -%}
    {{ return(adapter.dispatch('json_text')(expression, member)) }}
{%- endmacro %}

{% macro default__json_text(expression, member) -%}
    case
        when json_valid({{ expression }})
            then json_extract_string({{ expression }}, '$.{{ member }}')
    end
{%- endmacro %}

{% macro spark__json_text(expression, member) -%}
    get_json_object({{ expression }}, '$.{{ member }}')
{%- endmacro %}
