{# Returns a plain decimal number with up to seven digits before the point as
   decimal(18,4), else null: a unit price may be finer than a cent. #}
{% macro safe_unit_price(expression) -%}
    case
        when {{ matches_fully("trim(" ~ expression ~ ")", "[+-]?[0-9]{1,7}([.][0-9]*)?") }}
            then try_cast(trim({{ expression }}) as decimal(18, 4))
    end
{%- endmacro %}
