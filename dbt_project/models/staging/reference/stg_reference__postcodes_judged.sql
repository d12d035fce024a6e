-- One row per landed postal area, with its one fate.
{{ judge_rows(ref('stg_reference__postcodes_typed'), 'reference', 'postcodes') }}
