-- One row per landed CRM contact row, with its one fate.
{{ judge_rows(ref('stg_crm__contacts_typed'), 'crm', 'contacts') }}
