-- One row per landed sighting of a device: typed, and what its rules say.
{{ config(materialized='incremental') }}

with sightings_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('sightings', 'sightings')) }} as row_hash
    from {{ source('sightings', 'sightings') }}
    {{ files_not_yet_typed() }}
),

sightings_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('sighting_id') }} as sighting_id_sightings,
        {{ blank_to_null('device_hash') }} as device_hash,
        {{ blank_to_null('device_kind') }} as device_kind,
        {{ blank_to_null('store_id') }} as store_id,
        {{ blank_to_null('zone') }} as zone,
        {{ instant_of_micros(
            "try_cast(seen_at as bigint) * 1000000"
        ) }} as seen_at,
        {{ safe_integer('dwell_seconds') }} as dwell_seconds,
        {{ safe_integer('signal_dbm') }} as signal_dbm
    from sightings_landed
)

select
    *,
    case
        when sighting_id_sightings is null then 'sighting_id_missing'
        when device_hash is null then 'device_hash_missing'
        when {{ not_accepted('device_kind', 'sightings', 'sightings', 'device_kind') }}
            then 'device_kind_not_accepted'
        when store_id is null then 'store_missing'
        when seen_at is null then 'seen_at_invalid'
        when dwell_seconds is null then 'dwell_invalid'
        when dwell_seconds < 0 then 'dwell_negative'
    end as rejection_reason_code,
    cast(null as {{ type_text() }}) as repair_reason_code
from sightings_cleaned
