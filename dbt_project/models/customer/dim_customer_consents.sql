-- One row per customer, channel and purpose: the strictest of their consents.
{{ config(contract={'enforced': true}) }}

with records_linked as (
    select
        record_id,
        customer_id
    from {{ ref('int_customer_records_linked') }}
),

records_consented as (
    select * from {{ ref('int_records_consented') }}
),

strictness as (
    select * from {{ ref('consent_strictness') }}
),

-- A contact point that several records of a customer show counts once.
contact_points_consented as (
    select
        records_linked.customer_id,
        records_consented.channel,
        records_consented.purpose,
        records_consented.identifier_type,
        records_consented.identifier_hash,
        min(records_consented.strictness_rank) as strictness_rank,
        bool_and(records_consented.is_consent) as is_consent,
        max(records_consented.changed_at) as changed_at
    from records_consented
    inner join records_linked
        on records_consented.record_id = records_linked.record_id
    group by
        records_linked.customer_id,
        records_consented.channel,
        records_consented.purpose,
        records_consented.identifier_type,
        records_consented.identifier_hash
),

consents_summed as (
    select
        customer_id,
        channel,
        purpose,
        min(strictness_rank) as strictness_rank,
        bool_and(is_consent) as has_consent,
        count(*) as contact_points_count,
        count(*) filter (where is_consent) as granted_contact_points_count,
        max(changed_at) as last_changed_at
    from contact_points_consented
    group by customer_id, channel, purpose
)

select
    consents_summed.customer_id,
    consents_summed.channel,
    consents_summed.purpose,
    strictness.consent_status,
    consents_summed.has_consent,
    consents_summed.contact_points_count,
    consents_summed.granted_contact_points_count,
    consents_summed.last_changed_at
from consents_summed
inner join strictness
    on consents_summed.strictness_rank = strictness.strictness_rank
