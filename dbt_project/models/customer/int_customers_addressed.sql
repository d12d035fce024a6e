-- One row per customer whose records say where they live, as it was said last.
{{ replace_touched('int_customers_touched', 'customer_id') }}

{% set line = "concat_ws(' ', addresses_said.street, addresses_said.house_number)" %}
{% set house_number = extracted_text(line, '([0-9][0-9A-Za-z/-]*)') %}
{% set address = " || '|' || ".join([
    letters_alone('addresses_said.street'),
    'lower(' ~ house_number ~ ')',
    "nullif(replace(lower(addresses_said.postcode), ' ', ''), '')",
]) %}

with addresses_said as (
    select
        'crm:contacts:' || contact_id_crm as record_id,
        street,
        cast(null as {{ type_text() }}) as house_number,
        postcode,
        company_account_id_crm as company_account_id,
        updated_at as said_at
    from {{ ref('stg_crm__contacts') }}

    union all

    select
        'shop:accounts:' || account_id_shop as record_id,
        street,
        house_number,
        postcode,
        company_account_id_shop as company_account_id,
        updated_at as said_at
    from {{ ref('stg_shop__accounts') }}

    union all

    select
        'loyalty:members:' || card_number as record_id,
        street,
        cast(null as {{ type_text() }}) as house_number,
        postcode,
        cast(null as {{ type_text() }}) as company_account_id,
        {{ start_of_day('joined_on') }} as said_at
    from {{ ref('stg_loyalty__members') }}
),

addresses_keyed as (
    select
        records_linked.customer_id,
        records_linked.source,
        records_linked.record_id,
        addresses_said.said_at,
        addresses_said.company_account_id,
        {{ hash_text(address) }} as address_hash
    from addresses_said
    inner join {{ ref('int_customer_records_linked') }} as records_linked
        on addresses_said.record_id = records_linked.record_id
    where
        addresses_said.street is not null
        and {{ is_touched('records_linked.customer_id') }}
),

-- Where the firm is that somebody buys for tells nothing of where they live.
addresses_judged as (
    select
        *,
        count(company_account_id) over (
            partition by customer_id, address_hash order by customer_id
        ) = 0 as is_private
    from addresses_keyed
)

select
    customer_id,
    source,
    said_at,
    is_private,
    address_hash
from addresses_judged
qualify
    row_number() over (
        partition by customer_id
        order by
            is_private desc,
            (address_hash is not null) desc,
            said_at desc,
            record_id asc
    ) = 1
