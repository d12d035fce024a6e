-- One row per source record that buys for a company, with the account number it states.
{{ config(materialized='view') }}

with records_unioned as (
    select
        'crm:contacts:' || contact_id_crm as record_id,
        company_account_id_crm as account_number
    from {{ ref('stg_crm__contacts') }}

    union all

    select
        'shop:accounts:' || account_id_shop as record_id,
        company_account_id_shop as account_number
    from {{ ref('stg_shop__accounts') }}
)

select
    records_unioned.record_id,
    records_linked.customer_id,
    records_linked.source,
    records_unioned.account_number,
    records_linked.first_seen_at
from records_unioned
inner join {{ ref('int_customer_records_linked') }} as records_linked
    on records_unioned.record_id = records_linked.record_id
where records_unioned.account_number is not null
