{# Returns the business day that this night closes, as a date. #}
{% macro as_of_on() -%}
    cast('{{ var("as_of_on") }}' as date)
{%- endmacro %}
