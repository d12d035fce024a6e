{# Returns which place a row's source has among those that are believed about the row's
   attribute, 1 is best; a source that the policy does not name comes after all others. #}
{% macro source_rank() -%}
    case
    {%- for attribute, rule in survivorship_rules().items() %}
        {%- for source in rule['sources'] %}
            when attribute = '{{ attribute }}' and source = '{{ source }}'
                then {{ loop.index }}
        {%- endfor %}
    {%- endfor %}
        else 100
    end
{%- endmacro %}
