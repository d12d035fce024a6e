{# Returns a value's score by the criterion that the policy places at `position` for the
   row's attribute, the highest is best; 0 where the attribute has fewer criteria. #}
{% macro survivorship_score(position) -%}
    {%- set scores = {
        'complete': 'parts_count',
        'verified': 'case when is_verified then 1 else 0 end',
        'recent': 'recency_rank',
        'frequent': 'records_count',
        'source_priority': '-source_rank',
    } -%}
    case
    {%- for attribute, rule in survivorship_rules().items()
        if rule['criteria'] | length >= position %}
        when attribute = '{{ attribute }}'
            then {{ scores[rule['criteria'][position - 1]] }}
    {%- endfor %}
        when true then 0
    end
{%- endmacro %}
