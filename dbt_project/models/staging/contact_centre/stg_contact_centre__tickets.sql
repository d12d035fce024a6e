-- One row per ticket of the contact centre: its latest accepted version.
{{ config(schema='vault', tags=['pii']) }}
{{ kept_rows(
    ref('stg_contact_centre__tickets_typed'),
    ref('stg_contact_centre__tickets_judged'),
    columns=[
        'ticket_id_contact_centre', 'channel', 'ticket_status', 'opened_at',
        'closed_at', 'updated_at', 'topic', 'requester_name', 'email', 'phone',
        'account_id_shop', 'order_id', 'language_code', 'transcript',
    ],
    key=['ticket_id_contact_centre'],
    latest_by=['updated_at'],
) }}
