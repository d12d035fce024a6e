{# Returns the UTC instant (without zone) of an ISO 8601 text that states its offset,
   else null: a time without an offset is no instant. #}
{% macro parse_instant(expression) -%}
    {{ return(adapter.dispatch('parse_instant')(expression)) }}
{%- endmacro %}

{% macro default__parse_instant(expression) -%}
    case
        when
            regexp_full_match(
                {{ expression }},
                '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{5,8}([.][0-9]+)?(Z|[+-][0-9:]{2,5})'
            )
            then timezone('UTC', try_cast({{ expression }} as timestamptz))
    end
{%- endmacro %}

{% macro spark__parse_instant(expression) -%}
    case
        when {{ expression }} rlike '(Z|[+-][0-9:]{2,5})$'
            then try_cast({{ expression }} as timestamp)
    end
{%- endmacro %}
