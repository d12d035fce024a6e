{# Returns what the contract says of one column of a feed, as dbt's source file holds
   it; an empty mapping while dbt only parses. #}
{% macro contract_column(source_name, feed_name, column_name) -%}
    {%- set found = namespace(column={}) -%}
    {%- if execute -%}
        {%- for feed in graph.sources.values() -%}
            {%- if feed.source_name == source_name and feed.name == feed_name -%}
                {%- set found.column = feed.columns[column_name] -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found.column) }}
{%- endmacro %}
