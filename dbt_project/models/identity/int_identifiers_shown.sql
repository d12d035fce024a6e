-- One row per source record and identifier that it shows, allowed to join or not.
{{ config(materialized='view', tags=['block_customer']) }}

select
    record_id,
    identifier_type,
    identifier_hash
from {{ ref('int_contact_points_observed') }}

union all

select
    record_id,
    identifier_type,
    identifier_hash
from {{ ref('int_logins_observed') }}

union all

select
    record_id,
    'device_id' as identifier_type,
    {{ hash_text('device_id') }} as identifier_hash
from {{ ref('int_devices_logged_in') }}
