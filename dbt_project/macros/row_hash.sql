{# Returns the sha256 of the given text columns as received. The separators are
   control characters, so that neither a null nor a shifted border can collide. #}
{% macro row_hash(columns) -%}
    {{ hash_text(
        "concat_ws(chr(31), "
        ~ "coalesce(" ~ columns | join(", chr(30)), coalesce(") ~ ", chr(30)))"
    ) }}
{%- endmacro %}
