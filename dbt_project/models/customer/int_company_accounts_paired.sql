-- One row per company that CRM and shop both know, with the evidence for it.
with contacts_grouped as (
    select
        source,
        account_number,
        customer_id
    from {{ ref('int_company_contacts_stated') }}
    group by source, account_number, customer_id
),

contacts_of_source as (
    select
        *,
        count(*) over (
            partition by source, account_number order by source
        ) as contacts_count
    from contacts_grouped
),

accounts_seen as (
    select
        source,
        account_number
    from contacts_grouped
    group by source, account_number
),

contacts_shared as (
    select
        of_crm.account_number as account_number_crm,
        of_shop.account_number as account_number_shop,
        count(*) as contacts_count,
        min(least(of_crm.contacts_count, of_shop.contacts_count)) as possible_count
    from contacts_of_source as of_crm
    inner join contacts_of_source as of_shop
        on of_crm.customer_id = of_shop.customer_id
    where of_crm.source = 'crm' and of_shop.source = 'shop'
    group by of_crm.account_number, of_shop.account_number
),

evidence_types as (
    select * from {{ ref('company_evidence_types') }}
),

-- Two systems that both count from one have equal numbers and different companies.
numberings_compared as (
    select
        sum(contacts_count) as contacts_count,
        sum(case when account_number_crm = account_number_shop then contacts_count end)
            as agreeing_count
    from contacts_shared
),

pairs_evidenced as (
    select
        of_crm.account_number as account_number_crm,
        of_shop.account_number as account_number_shop,
        evidence_types.evidence_type,
        evidence_types.priority
    from accounts_seen as of_crm
    inner join accounts_seen as of_shop
        on of_crm.account_number = of_shop.account_number
    cross join numberings_compared
    inner join evidence_types on evidence_types.evidence_type = 'same_number'
    where
        of_crm.source = 'crm'
        and of_shop.source = 'shop'
        and numberings_compared.agreeing_count >= evidence_types.min_contacts_count
        and numberings_compared.agreeing_count
        >= evidence_types.min_contacts_share * numberings_compared.contacts_count

    union all

    select
        contacts_shared.account_number_crm,
        contacts_shared.account_number_shop,
        evidence_types.evidence_type,
        evidence_types.priority
    from contacts_shared
    inner join evidence_types on evidence_types.evidence_type = 'shared_contacts'
    where
        contacts_shared.contacts_count >= evidence_types.min_contacts_count
        and contacts_shared.contacts_count
        >= evidence_types.min_contacts_share * contacts_shared.possible_count
)

select
    pairs_evidenced.account_number_crm,
    pairs_evidenced.account_number_shop,
    pairs_evidenced.evidence_type,
    coalesce(contacts_shared.contacts_count, 0) as shared_contacts_count
from pairs_evidenced
left join contacts_shared
    on
        pairs_evidenced.account_number_crm = contacts_shared.account_number_crm
        and pairs_evidenced.account_number_shop = contacts_shared.account_number_shop
-- One to one, each the other's best: no chain joins two companies of one source.
qualify
    row_number() over (
        partition by pairs_evidenced.account_number_crm
        order by
            pairs_evidenced.priority asc,
            contacts_shared.contacts_count desc nulls last,
            pairs_evidenced.account_number_shop asc
    ) = 1
    and row_number() over (
        partition by pairs_evidenced.account_number_shop
        order by
            pairs_evidenced.priority asc,
            contacts_shared.contacts_count desc nulls last,
            pairs_evidenced.account_number_crm asc
    ) = 1
