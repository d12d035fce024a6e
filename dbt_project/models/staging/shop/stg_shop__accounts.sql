-- One row per shop account: its latest accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_shop__accounts_typed'),
    ref('stg_shop__accounts_judged'),
    columns=[
        'account_id_shop', 'email', 'phone', 'first_name', 'last_name', 'street',
        'house_number', 'city', 'postcode', 'country_code', 'language_code', 'birthday',
        'company_account_id_shop', 'is_email_verified', 'created_at', 'updated_at',
    ],
    key=['account_id_shop'],
    latest_by=['updated_at'],
) }}
