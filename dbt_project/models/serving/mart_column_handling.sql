-- One row per column that a contract states: why it is held, how long, and how.
with columns_stated as (
    select * from {{ ref('stg_profiles__handling') }}
),

classes as (
    select * from {{ ref('pii_classes') }}
)

select
    {{ hash_text(
        "concat_ws('|', columns_stated.source, columns_stated.feed, "
        ~ "columns_stated.column_name)"
    ) }} as feed_column_id,
    {{ as_of_on() }} as as_of_on,
    columns_stated.source,
    columns_stated.feed,
    columns_stated.column_name,
    columns_stated.column_type,
    columns_stated.pii,
    columns_stated.purpose,
    columns_stated.retention_days,
    classes.handling_code,
    classes.handling_text,
    classes.is_published,
    classes.is_previewed,
    columns_stated.is_key,
    columns_stated.is_required,
    columns_stated.standardised_as,
    columns_stated.profiled_on,
    columns_stated.contradiction_code is not null as is_contradicted,
    columns_stated.contradiction_code,
    columns_stated.contradicting_column_name,
    columns_stated.contradicting_share
from columns_stated
left join classes on columns_stated.pii = classes.pii
