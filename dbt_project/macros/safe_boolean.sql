{# Returns what a word for yes or no means, whatever its case; null for any other. #}
{% macro safe_boolean(expression) -%}
    case
        when lower(trim({{ expression }})) in ('y', 'yes', 'true', '1') then true
        when lower(trim({{ expression }})) in ('n', 'no', 'false', '0') then false
    end
{%- endmacro %}
