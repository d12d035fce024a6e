{# Returns the name of the criterion that the policy places at `position` for the
   attribute that an expression gives; null where the attribute has fewer criteria. #}
{% macro survivorship_criterion(expression, position) -%}
    case
    {%- for attribute, rule in survivorship_rules().items()
        if rule['criteria'] | length >= position %}
        when {{ expression }} = '{{ attribute }}'
            then '{{ rule['criteria'][position - 1] }}'
    {%- endfor %}
        when true then null
    end
{%- endmacro %}
