-- One row per landed Online Retail line, with its one fate.
{{ judge_rows(ref('stg_online_retail__lines_typed'), 'online_retail', 'lines') }}
