{# Returns a model's table as the last build left it, for models that are built before
   it and so cannot `ref` it; none when there is none or all is built in full. #}
{% macro as_left_before(model_name) -%}
    {%- if execute and not flags.FULL_REFRESH -%}
        {%- set node = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model')
            | selectattr('name', 'equalto', model_name) | first -%}
        {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
