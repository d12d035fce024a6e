-- One row per column that a contract states, with how it is handled.
{{ config(materialized='view') }}

select
    source,
    feed,
    column_name,
    column_type,
    pii,
    purpose,
    retention_days,
    is_key,
    is_required,
    standardised_as,
    profiled_on,
    contradiction_code,
    contradicting_column_name,
    contradicting_share
from {{ source('profiles', 'handling') }}
