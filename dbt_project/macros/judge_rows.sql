{# Returns the query that gives every typed row of a feed its one fate. Copies of a
   row are duplicates of the one with the smallest id, whatever arrived first: a file
   that is judged the first time brings the earlier copies of its rows with it. #}
{% macro judge_rows(typed_model, source_name, feed_name) -%}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='row_id',
    on_schema_change='fail',
) }}
with rows_typed as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        rejection_reason_code,
        repair_reason_code
    from {{ typed_model }}
    {% if is_incremental() -%}
        where row_hash in (
            select row_hash
            from {{ typed_model }}
            where _file_sha256 not in (
                select file_sha256 from {{ this }} group by file_sha256
            )
        )
    {%- endif %}
),

copies_numbered as (
    select
        *,
        row_number() over (
            partition by row_hash order by _file_sha256, _row_number
        ) as copy_number,
        first_value(row_id) over (
            partition by row_hash order by _file_sha256, _row_number
        ) as kept_row_id
    from rows_typed
)

select
    row_id,
    '{{ source_name }}' as source,
    '{{ feed_name }}' as feed,
    _file_sha256 as file_sha256,
    case
        when copy_number > 1 then 'duplicate'
        when rejection_reason_code is not null then 'rejected'
        when repair_reason_code is not null then 'repaired'
        else 'accepted'
    end as row_fate,
    case
        when copy_number > 1 then 'row_identical_to_another'
        else coalesce(rejection_reason_code, repair_reason_code)
    end as reason_code,
    case when copy_number > 1 then kept_row_id end as duplicate_of_row_id
from copies_numbered
{%- endmacro %}
