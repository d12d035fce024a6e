-- One row per landed sighting of a device, with its one fate.
{{ judge_rows(ref('stg_sightings__sightings_typed'), 'sightings', 'sightings') }}
