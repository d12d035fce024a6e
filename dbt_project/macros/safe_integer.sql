{# Returns a whole number of up to nine digits, else null. A plain try_cast would
   round '2.5' in silence; nine digits keep quantity times price in decimal(18,2). #}
{% macro safe_integer(expression) -%}
    case
        when {{ matches_fully("trim(" ~ expression ~ ")", "[+-]?[0-9]{1,9}([.]0+)?") }}
            then cast(
                try_cast(trim({{ expression }}) as decimal(18, 4)) as bigint
            )
    end
{%- endmacro %}
