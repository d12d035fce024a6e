-- One row per company account: a company as far as CRM and shop show one.
{{ config(contract={'enforced': true}) }}

select
    company_account_id,
    min(case when source = 'crm' then account_number end) as company_account_id_crm,
    min(case when source = 'shop' then account_number end) as company_account_id_shop,
    coalesce(min(evidence_type), 'one_source') as evidence_type,
    count(distinct customer_id) as contacts_count,
    count(*) as records_count,
    min(first_seen_at) as first_seen_at
from {{ ref('int_company_contacts') }}
group by company_account_id
