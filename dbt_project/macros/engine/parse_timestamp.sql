{# Returns the wall-clock time that a text states in the first of the given formats
   that fits (strptime notation), else null. #}
{% macro parse_timestamp(expression, formats) -%}
    {{ return(adapter.dispatch('parse_timestamp')(expression, formats)) }}
{%- endmacro %}

{% macro default__parse_timestamp(expression, formats) -%}
    try_strptime(trim({{ expression }}), ['{{ formats | join("', '") }}'])
{%- endmacro %}

{% macro spark__parse_timestamp(expression, formats) -%}
    {%- set parts = {
        '%Y': 'yyyy', '%m': 'MM', '%d': 'dd', '%H': 'HH', '%M': 'mm', '%S': 'ss',
        '%f': 'SSSSSS', '%I': 'hh', '%p': 'a', '%b': 'MMM', '%B': 'MMMM', 'T': "''T''",
    } -%}
    {%- set patterns = [] -%}
    {%- for format in formats -%}
        {%- set pattern = namespace(text=format) -%}
        {%- for part, letters in parts.items() -%}
            {%- set pattern.text = pattern.text | replace(part, letters) -%}
        {%- endfor -%}
        {%- do patterns.append(
            "try_to_timestamp(trim(" ~ expression ~ "), '" ~ pattern.text ~ "')"
        ) -%}
    {%- endfor -%}
    coalesce({{ patterns | join(', ') }})
{%- endmacro %}
