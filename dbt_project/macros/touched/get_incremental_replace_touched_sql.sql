{# Returns the statements of the incremental strategy `replace_touched`. Unlike dbt's
   delete+insert it also removes the rows of a touched key that has none any more. #}
{% macro get_incremental_replace_touched_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(
        arg_dict['dest_columns'] | map(attribute='name') | list
    ) -%}
    delete from {{ arg_dict['target_relation'] }}
    where ({{ arg_dict['unique_key'] }}) in (
        select {{ arg_dict['unique_key'] }}
        from {{ ref(model.config.meta.touched_keys) }}
    );

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
