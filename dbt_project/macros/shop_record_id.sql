{# Returns the source record of a shop order. A guest has no account; the e-mail of the
   order names the record instead. #}
{% macro shop_record_id(account_id, email) -%}
    case
        when {{ account_id }} is not null then 'shop:accounts:' || {{ account_id }}
        when {{ email }} is not null then 'shop:guests:' || {{ hash_text(email) }}
    end
{%- endmacro %}
