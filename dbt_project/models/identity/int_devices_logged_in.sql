-- One row per device in which one account, and no other, was ever logged in.
{{ config(tags=['block_staging']) }}
{{ replace_touched('int_identity_records_touched', 'record_id') }}

select
    'web:devices:' || device_id as record_id,
    device_id,
    min(account_id_shop) as account_id_shop,
    min(occurred_at) as first_logged_in_at,
    max(occurred_at) as last_logged_in_at
from {{ ref('stg_web__events') }}
where
    account_id_shop is not null
    and {{ is_touched("'web:devices:' || device_id") }}
group by device_id
having count(distinct account_id_shop) = 1
