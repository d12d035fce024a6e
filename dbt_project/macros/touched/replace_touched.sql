{# Makes a model incremental by touched keys: all rows of the keys (one column or more,
   as SQL lists them) that the model `touched_keys` holds are replaced, and no other.
   Which keys are touched follows from the files that landed since the last whole build
   (orchestration/warehouse/build_state.py), so that the table is that of a full one. #}
{% macro replace_touched(touched_keys, key) -%}
    {{ config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=key,
        on_schema_change='fail',
        meta={'touched_keys': touched_keys},
    ) }}
    {%- if not execute -%}
        {%- do ref(touched_keys) -%}
    {%- endif -%}
{%- endmacro %}
