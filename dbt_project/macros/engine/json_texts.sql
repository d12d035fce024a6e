{# Returns several members of a JSON object as one list of texts, in their order: the
   object is read once. A text that is no JSON has none. Take them out by list_item. #}
{% macro json_texts(expression, members) -%}
    {{ return(adapter.dispatch('json_texts')(expression, members)) }}
{%- endmacro %}

{% macro default__json_texts(expression, members) -%}
    case
        when json_valid({{ expression }})
            then json_extract_string(
                {{ expression }}, ['$.{{ members | join("', '$.") }}']
            )
    end
{%- endmacro %}

{% macro spark__json_texts(expression, members) -%}
    array(
        {%- for member in members %}
        get_json_object({{ expression }}, '$.{{ member }}'){{ "," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
