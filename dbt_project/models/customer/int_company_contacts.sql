-- One row per source record of a company's contact, with the company's account.
with contacts as (
    select * from {{ ref('int_company_contacts_stated') }}
),

accounts_paired as (
    select * from {{ ref('int_company_accounts_paired') }}
),

accounts_seen as (
    select
        source,
        account_number,
        min(first_seen_at) as first_seen_at
    from contacts
    group by source, account_number
),

accounts_joined as (
    select
        accounts_seen.source,
        accounts_seen.account_number,
        accounts_seen.first_seen_at,
        coalesce(
            of_crm.account_number_crm, of_shop.account_number_crm,
            accounts_seen.account_number
        ) as pair_number,
        case
            when coalesce(of_crm.evidence_type, of_shop.evidence_type) is null
                then accounts_seen.source
            else 'both'
        end as pair_source,
        coalesce(of_crm.evidence_type, of_shop.evidence_type) as evidence_type
    from accounts_seen
    left join accounts_paired as of_crm
        on
            accounts_seen.source = 'crm'
            and accounts_seen.account_number = of_crm.account_number_crm
    left join accounts_paired as of_shop
        on
            accounts_seen.source = 'shop'
            and accounts_seen.account_number = of_shop.account_number_shop
),

-- Named after the number known first: it stays when the other source hears of it.
accounts_named as (
    select
        source,
        account_number,
        evidence_type,
        first_value(source || ':' || account_number) over (
            partition by pair_source, pair_number
            order by first_seen_at asc, source asc
        ) as first_account
    from accounts_joined
)

select
    contacts.record_id,
    'b_' || substring({{ hash_text('accounts_named.first_account') }}, 1, 24)
        as company_account_id,
    contacts.customer_id,
    contacts.source,
    contacts.account_number,
    accounts_named.evidence_type,
    case contacts.source when 'crm' then 'contact' else 'buyer' end as contact_role,
    contacts.first_seen_at
from contacts
inner join accounts_named
    on
        contacts.source = accounts_named.source
        and contacts.account_number = accounts_named.account_number
