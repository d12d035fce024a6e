{# Returns the id of a landed row: which bytes, which record of them. #}
{% macro landed_row_id() -%}
    _file_sha256 || ':' || cast(_row_number as {{ type_text() }})
{%- endmacro %}
