{# Returns a plain decimal number of at most twelve digits before the point and two after
   it as an amount, else null: nothing is rounded. #}
{% macro safe_amount(expression) -%}
    case
        when {{ matches_fully("trim(" ~ expression ~ ")", "[+-]?[0-9]{1,12}([.][0-9]{0,2}0*)?") }}
            then try_cast(trim({{ expression }}) as decimal(18, 2))
    end
{%- endmacro %}
