{# Restricts an incremental typed model to files it has not read; a file never
   changes after landing, so its rows are typed once. #}
{% macro files_not_yet_typed() -%}
    {%- if is_incremental() -%}
        where _file_sha256 not in (
            select _file_sha256 from {{ this }} group by _file_sha256
        )
    {%- endif -%}
{%- endmacro %}
