-- One row per customer: the golden record, each attribute with the value chosen for it.
{{ config(schema='vault', tags=['pii'], contract={'enforced': true}) }}
{{ replace_touched('int_customers_touched', 'customer_id') }}

{% set columns = [
    ('name', 'attribute_value', 'full_name'),
    ('name', 'given_name', 'given_name'),
    ('name', 'family_name', 'family_name'),
    ('title', 'attribute_value', 'title'),
    ('gender', 'attribute_value', 'gender'),
    ('email', 'attribute_value', 'email'),
    ('phone', 'attribute_value', 'phone'),
    ('address', 'street', 'street'),
    ('address', 'house_number', 'house_number'),
    ('address', 'postcode', 'postcode'),
    ('address', 'city', 'city'),
    ('address', 'address_country_code', 'address_country_code'),
    ('country_code', 'attribute_value', 'country_code'),
    ('company_account_id', 'attribute_value', 'company_account_id'),
] %}

with customers as (
    select customer_id
    from {{ ref('int_customer_records_linked') }}
    where {{ is_touched('customer_id') }}
    group by customer_id
),

values_chosen as (
    select *
    from {{ ref('dim_customer_attributes') }}
    where is_chosen and {{ is_touched('customer_id') }}
)

select
    customers.customer_id,
    {% for attribute, value, column in columns %}
        max(
            case
                when values_chosen.attribute = '{{ attribute }}'
                    then values_chosen.{{ value }}
            end
        ) as {{ column }},
    {% endfor %}
    cast(max(
        case
            when values_chosen.attribute = 'birth_date'
                then values_chosen.attribute_value
        end
    ) as date) as birth_date,
    max(values_chosen.last_said_at) as last_said_at
from customers
left join values_chosen on customers.customer_id = values_chosen.customer_id
group by customers.customer_id
