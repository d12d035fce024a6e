-- One row per CRM contact: its latest accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ replace_touched('stg_crm__contacts_touched', 'contact_id_crm') }}

with contacts_typed as (
    select *
    from {{ ref('stg_crm__contacts_typed') }}
    where {{ is_touched('contact_id_crm') }}
),

rows_kept as (
    select row_id
    from {{ ref('stg_crm__contacts_judged') }}
    where row_fate in ('accepted', 'repaired')
)

-- Latest by the source's own clock, then by content: never by arrival.
select
    contacts_typed.contact_id_crm,
    contacts_typed.title,
    contacts_typed.first_name,
    contacts_typed.last_name,
    contacts_typed.email,
    contacts_typed.phone,
    contacts_typed.street,
    contacts_typed.postcode,
    contacts_typed.city,
    contacts_typed.country_code,
    contacts_typed.birthday,
    contacts_typed.gender_code,
    contacts_typed.company_account_id_crm,
    contacts_typed.has_marketing_note,
    contacts_typed.created_at,
    contacts_typed.updated_at,
    contacts_typed.row_id
from contacts_typed
inner join rows_kept on contacts_typed.row_id = rows_kept.row_id
qualify
    row_number() over (
        partition by contacts_typed.contact_id_crm
        order by contacts_typed.updated_at desc, contacts_typed.row_hash desc
    ) = 1
