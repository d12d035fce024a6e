{# Writes a model's description and those of its columns into the database, where
   the table is new: an incremental model that keeps its rows keeps these too, since
   a changed description makes its block be built in full. The documented columns
   are not compared with the built ones each night: a test does that once. #}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {%- if not is_incremental() -%}
        {%- do adapter.dispatch('persist_docs', 'consumer_genome')(
            relation, model, for_relation, for_columns
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set comments -%}
        {%- if for_relation and config.persist_relation_docs() and model.description -%}
            {{ alter_relation_comment(relation, model.description) }}
        {%- endif -%}
        {%- if for_columns and config.persist_column_docs() -%}
            {%- for column in model.columns.values() %}
    comment on column {{ relation }}.{{ adapter.quote(column.name) if column.quote else column.name }}
    is {{ duckdb_escape_comment(column.description) }};
            {%- endfor -%}
        {%- endif -%}
    {%- endset -%}
    {%- if comments | trim -%}
        {%- do run_query(comments) -%}
    {%- endif -%}
{%- endmacro %}

{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- do dbt_spark.spark__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}
