{# Returns the names of a feed's columns as its contract orders them. #}
{% macro contract_columns(source_name, feed_name) -%}
    {{ return(contracts_stated()[source_name][feed_name] | list) }}
{%- endmacro %}
