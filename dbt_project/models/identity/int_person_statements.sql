-- One row per time at which a source said something of the person behind a record.
{{ config(materialized='view', schema='vault', tags=['block_staging', 'pii']) }}

{% set feeds = [
    ('crm', 'crm:contacts:', 'contact_id_crm', 'stg_crm__contacts', 'updated_at', {
        'title': 'title', 'gender': 'gender_code', 'street': 'street',
        'postcode': 'postcode', 'city': 'city', 'country_code': 'country_code',
        'company_account_id': 'company_account_id_crm',
    }),
    ('shop', 'shop:accounts:', 'account_id_shop', 'stg_shop__accounts', 'updated_at', {
        'street': 'street', 'house_number': 'house_number', 'postcode': 'postcode',
        'city': 'city', 'country_code': 'country_code',
        'company_account_id': 'company_account_id_shop',
    }),
    ('loyalty', 'loyalty:members:', 'card_number', 'stg_loyalty__members',
        start_of_day('files_listed.listed_on'), {
        'street': 'street', 'postcode': 'postcode', 'city': 'city',
    }),
] %}

-- By its name, a workbook is of a day; one that came under several, of the last.
with files_listed as (
    select
        file_sha256,
        max(try_cast({{ file_day('file_name') }} as date)) as listed_on
    from {{ source('ledger', 'files') }}
    where source = 'loyalty' and feed = 'members' and file_fate <> 'refused'
    group by file_sha256
)

-- Each version of a record that was not refused, and not only its last one.
{% for source, prefix, key, model, said_at, columns in feeds %}
    select
        '{{ prefix }}' || versions.{{ key }} as record_id,
        '{{ source }}' as source,
        true as is_version,
        {{ said_at if '.' in said_at else 'versions.' ~ said_at }} as said_at,
        versions.row_hash as said_as,
        {{ attributes_said(
            given_name='versions.first_name', family_name='versions.last_name',
            birth_date='versions.birthday', **columns
        ) }},
        versions.email,
        versions.phone,
        {{ 'versions.is_email_verified' if source == 'shop' else 'false' }}
            as is_email_verified
    from {{ ref(model ~ '_typed') }} as versions
    inner join {{ ref(model ~ '_judged') }} as judged
        on versions.row_id = judged.row_id
    {% if source == 'loyalty' %}
        inner join files_listed on versions._file_sha256 = files_listed.file_sha256
    {% endif %}
    where judged.row_fate in ('accepted', 'repaired')

    union all
{% endfor %}

{% set happenings = [
    ('shop', 'record_id', 'stg_shop__orders', 'ordered_at', 'order_id_shop',
        'email', 'phone', {'country_code': 'country_code'}),
    ('online_retail', "'online_retail:customers:' || customer_number",
        'stg_online_retail__orders', 'ordered_at', 'invoice_no', 'null', 'null',
        {'country_code': 'country_code'}),
    ('contact_centre', "'contact_centre:tickets:' || ticket_id_contact_centre",
        'stg_contact_centre__tickets', 'opened_at', 'ticket_id_contact_centre',
        'email', 'phone', {'full_name': 'requester_name'}),
    ('pos', "'pos:cards:' || card_number", 'stg_pos__receipts', 'sold_at',
        'receipt_id_pos', 'receipt_email', 'null', {}),
] %}

-- What happens replaces nothing: each order, ticket and receipt speaks for itself.
{% for source, record_id, model, said_at, key, email, phone, columns in happenings %}
    select
        {{ record_id }} as record_id,
        '{{ source }}' as source,
        false as is_version,
        {{ said_at }} as said_at,
        {{ key }} as said_as,
        {{ attributes_said(**columns) }},
        cast({{ email }} as {{ type_text() }}) as email,
        cast({{ phone }} as {{ type_text() }}) as phone,
        false as is_email_verified
    from {{ ref(model) }}
    where {{ record_id }} is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
