{# Returns what the contract states of one column of a feed, beside its type: digits,
   formats and accepted values, where it states them. #}
{% macro contract_column(source_name, feed_name, column_name) -%}
    {{ return(contracts_stated()[source_name][feed_name][column_name]) }}
{%- endmacro %}
