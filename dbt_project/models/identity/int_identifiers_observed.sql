-- One row per source record and exact identifier, as a hash.
{{ config(tags=['block_staging']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

select
    record_id,
    identifier_type,
    identifier_hash
from {{ ref('int_contact_points_observed') }}
where {{ is_touched('record_id') }}
