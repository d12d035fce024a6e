{# Returns the policy of lake/policies/survivorship.yml: by attribute, the criteria in
   their order and the sources in the order in which they are believed. #}
{% macro survivorship_rules() -%}
    {{ return(fromjson(var('survivorship'))) }}
{%- endmacro %}
