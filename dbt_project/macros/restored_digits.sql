{# Returns an id of digits with the leading zeros that its contract says it must have;
   null when it holds anything else, or lacks more than four digits: too much to guess. #}
{% macro restored_digits(expression, source_name, feed_name, column_name) -%}
    {%- set digits = contract_column(source_name, feed_name, column_name).digits -%}
    case
        when {{ matches_fully(
            "trim(" ~ expression ~ ")", "[0-9]{" ~ (digits - 4) ~ "," ~ digits ~ "}"
        ) }}
            then lpad(trim({{ expression }}), {{ digits }}, '0')
    end
{%- endmacro %}
