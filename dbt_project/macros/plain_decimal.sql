{# Returns the text of a number without thousands separators and with a decimal point,
   given the mark that stands before its decimals; a currency sign in front is dropped. #}
{% macro plain_decimal(expression, decimal_mark='.') -%}
    {%- if decimal_mark == ',' -%}
        replace(replace(ltrim(trim({{ expression }}), '£€$ '), '.', ''), ',', '.')
    {%- else -%}
        replace(ltrim(trim({{ expression }}), '£€$ '), ',', '')
    {%- endif -%}
{%- endmacro %}
