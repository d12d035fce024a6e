{# Returns the condition that a row has one of the keys that the model replaces (see
   `replace_touched`); true when it is built in full. #}
{% macro is_touched(expression) -%}
    {%- if is_incremental() -%}
        {{ expression }} in (
            select {{ config.get('unique_key') }}
            from {{ ref(model.config.meta.touched_keys) }}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
