{# Returns the condition that a typed row came in a file that landed since the customer
   tables were last built whole: with these files, keys are touched. #}
{% macro files_touched(source_name, feed_name) -%}
    _file_sha256 in (
        select file_sha256
        from {{ source('build_state', 'files_touched') }}
        where source = '{{ source_name }}' and feed = '{{ feed_name }}'
    )
{%- endmacro %}
