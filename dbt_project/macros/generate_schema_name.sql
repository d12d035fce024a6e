{# Returns the schema a model names, as it is: `serving`, not `main_serving`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
