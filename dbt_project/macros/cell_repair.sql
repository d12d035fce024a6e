{# Returns what became of a cell beside its text as received: it could not be used, or it
   was read though it is not written as agreed; null when it was, or holds nothing. #}
{% macro cell_repair(column, is_as_agreed) -%}
    case
        when {{ column }} is null and {{ column }}_text is not null
            then '{{ column }}_unusable'
        when not ({{ is_as_agreed }}) then '{{ column }}_read'
    end
{%- endmacro %}
