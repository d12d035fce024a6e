-- One row per source record and exact identifier, as a hash.
{{ config(tags=['block_staging']) }}

select
    record_id,
    identifier_type,
    identifier_hash
from {{ ref('int_contact_points_observed') }}
