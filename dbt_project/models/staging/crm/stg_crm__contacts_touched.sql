-- One row per CRM contact of which a file speaks that landed since the last build.
select contact_id_crm
from {{ ref('stg_crm__contacts_typed') }}
where contact_id_crm is not null and {{ files_touched('crm', 'contacts') }}
group by contact_id_crm
