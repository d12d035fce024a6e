-- One row per landed loyalty member row and cell that was repaired or dropped.
{{ config(schema='vault', tags=['pii'], materialized='view') }}

{% for column in ['card_number', 'birthday', 'joined_on', 'points'] %}
    select
        row_id || ':{{ column }}' as member_repair_id,
        row_id,
        '{{ column }}' as column_name,
        {{ column }}_text as value_before,
        cast({{ column }} as {{ type_text() }}) as value_after,
        {{ column }}_repair_code as repair_reason_code
    from {{ ref('stg_loyalty__members_typed') }}
    where {{ column }}_repair_code is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
