{# Returns the select list of what a source says of a person that can be compared: each
   attribute from the column that is given for it, null where none is. #}
{% macro attributes_said() -%}
    {%- for attribute in [
        'full_name', 'given_name', 'family_name', 'title', 'gender', 'birth_date',
        'street', 'house_number', 'postcode', 'city', 'country_code',
        'company_account_id',
    ] -%}
        cast(
            {{ kwargs.get(attribute, 'null') }}
            as {{ 'date' if attribute == 'birth_date' else type_text() }}
        ) as {{ attribute }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
