{# Returns the day in a delivered file's name as ISO text: of when a snapshot without
   clocks of its own tells, and so what tells a row from the same row a week later. #}
{% macro file_day(file_name) -%}
    {{ extracted_text(file_name, '_([0-9]{4}-[0-9]{2}-[0-9]{2})') }}
{%- endmacro %}
