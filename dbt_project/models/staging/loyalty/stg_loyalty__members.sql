-- One row per loyalty member: the row of the newest workbook that lists the card.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_loyalty__members_typed'),
    ref('stg_loyalty__members_judged'),
    columns=[
        'card_number', 'store_id', 'listed_on', 'first_name', 'last_name', 'street',
        'city', 'postcode', 'phone', 'email', 'birthday', 'points', 'joined_on',
    ],
    key=['card_number'],
    latest_by=['listed_on'],
    listed_by=['loyalty', 'members'],
) }}
