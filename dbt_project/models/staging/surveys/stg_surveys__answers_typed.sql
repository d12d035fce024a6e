-- One row per landed survey answer: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with answers_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('surveys', 'answers')) }} as row_hash
    from {{ source('surveys', 'answers') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

answers_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.response_id') }} as response_id_surveys,
        case when emails.is_valid then emails.email_normalised end as email,
        {{ blank_to_null('landed.survey') }} as survey_type,
        {{ local_to_utc(
            parse_timestamp('landed.asked_at', ['%d/%m/%Y %H:%M']), 'Europe/London'
        ) }} as asked_at,
        {{ local_to_utc(
            parse_timestamp('landed.answered_at', ['%d/%m/%Y %H:%M']), 'Europe/London'
        ) }} as answered_at,
        coalesce(
            {{ safe_integer('landed.score') }},
            {{ safe_integer(
                extracted_text('landed.score', '^ *([0-9]+) */ *[0-9]+ *$')
            ) }}
        ) as score,
        {{ blank_to_null('landed.stated_category') }} as stated_category,
        {{ blank_to_null('landed.stated_channel') }} as stated_channel,
        {{ blank_to_null('landed.stated_frequency') }} as stated_frequency,
        {{ blank_to_null('landed.comment') }} as comment_text,
        {{ blank_to_null('landed.score') }} as score_text,
        {{ blank_to_null('landed.respondent') }} is not null as has_email_text,
        coalesce(emails.is_repaired, false) as is_email_repaired
    from answers_landed as landed
    left join emails on landed.respondent = emails.email_raw
)

select
    *,
    case
        when response_id_surveys is null then 'response_id_missing'
        when {{ not_accepted('survey_type', 'surveys', 'answers', 'survey') }}
            then 'survey_type_not_accepted'
        when answered_at is null then 'answered_at_invalid'
        when
            (survey_type = 'nps' and score not between 0 and 10)
            or (survey_type = 'csat' and score not between 1 and 5)
            or (survey_type = 'preferences' and score is not null)
            then 'score_out_of_range'
    end as rejection_reason_code,
    case
        when score is null and score_text is not null then 'score_unusable'
        when {{ matches_fully('score_text', '.*/.*') }} then 'score_read_from_fraction'
        when email is null and has_email_text then 'email_unusable'
        when is_email_repaired then 'email_repaired'
    end as repair_reason_code
from answers_cleaned
