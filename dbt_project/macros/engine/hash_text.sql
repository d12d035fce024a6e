{# Returns the sha256 of a text in 64 lower-case hex digits. #}
{% macro hash_text(expression) -%}
    {{ return(adapter.dispatch('hash_text')(expression)) }}
{%- endmacro %}

{% macro default__hash_text(expression) -%}
    sha256({{ expression }})
{%- endmacro %}

{% macro spark__hash_text(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro %}
