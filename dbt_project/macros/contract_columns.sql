{# Returns the names of a feed's columns as its contract orders them, without those of
   provenance; any one name while dbt only parses. #}
{% macro contract_columns(source_name, feed_name) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for feed in graph.sources.values() -%}
            {%- if feed.source_name == source_name and feed.name == feed_name -%}
                {%- for name in feed.columns if not name.startswith('_') -%}
                    {%- do names.append(name) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names or ['_file']) }}
{%- endmacro %}
