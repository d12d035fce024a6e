-- One row per sighting of a device in a zone of a store: its accepted version.
{{ kept_rows(
    ref('stg_sightings__sightings_typed'),
    ref('stg_sightings__sightings_judged'),
    columns=[
        'sighting_id_sightings', 'device_hash', 'device_kind', 'store_id', 'zone',
        'seen_at', 'dwell_seconds', 'signal_dbm',
    ],
    key=['sighting_id_sightings'],
) }}
