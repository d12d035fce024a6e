{# Returns how many of a value's parts are known; one of a value that has no parts. #}
{% macro parts_known(parts) -%}
    {%- for part in parts -%}
        case when {{ part }} is not null then 1 else 0 end{{ ' + ' if not loop.last }}
    {%- else -%}
        1
    {%- endfor %}
{%- endmacro %}
