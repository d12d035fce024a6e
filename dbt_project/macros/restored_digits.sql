{# Returns an id of digits without blanks between them and with the leading zeros that its
   contract says it must have; null when it holds anything else, or lacks more than four
   digits: too much to guess. #}
{% macro restored_digits(expression, source_name, feed_name, column_name) -%}
    {%- set digits = contract_column(source_name, feed_name, column_name).digits -%}
    {%- set digits_only = "replace(" ~ expression ~ ", ' ', '')" -%}
    case
        when {{ matches_fully(
            digits_only, "[0-9]{" ~ (digits - 4) ~ "," ~ digits ~ "}"
        ) }}
            then lpad({{ digits_only }}, {{ digits }}, '0')
    end
{%- endmacro %}
