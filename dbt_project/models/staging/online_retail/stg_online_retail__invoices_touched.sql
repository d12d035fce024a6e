-- One row per invoice of which a file speaks that landed since the last build.
select invoice_no
from {{ ref('stg_online_retail__lines_typed') }}
where invoice_no is not null and {{ files_touched('online_retail', 'lines') }}
group by invoice_no
