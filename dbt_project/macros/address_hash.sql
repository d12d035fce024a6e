{# Returns the sha256 of where somebody lives, without case and spaces; null unless the
   street and its town or postcode are known. #}
{% macro address_hash() -%}
    {%- set parts = [
        'street', "coalesce(house_number, '')", "coalesce(postcode, city)",
    ] -%}
    {{ hash_text(
        "replace(lower(" ~ parts | join(" || '|' || ") ~ "), ' ', '')"
    ) }}
{%- endmacro %}
