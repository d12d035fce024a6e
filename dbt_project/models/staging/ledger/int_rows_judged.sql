-- One row per landed row of any feed, with its one fate.
{{ config(materialized='view') }}

select
    row_id,
    source,
    feed,
    file_sha256,
    row_fate,
    reason_code
from {{ ref('stg_crm__contacts_judged') }}

union all

select
    row_id,
    source,
    feed,
    file_sha256,
    row_fate,
    reason_code
from {{ ref('stg_shop__orders_judged') }}

union all

select
    row_id,
    source,
    feed,
    file_sha256,
    row_fate,
    reason_code
from {{ ref('stg_online_retail__lines_judged') }}
