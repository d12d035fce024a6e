-- One row per landed contact centre ticket row, with its one fate.
{{ judge_rows(ref('stg_contact_centre__tickets_typed'), 'contact_centre', 'tickets') }}
