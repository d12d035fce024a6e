-- One row per customer, attribute and value that a source ever said; one is chosen.
{{ config(schema='vault', tags=['pii'], contract={'enforced': true}) }}
{{ replace_touched('int_customers_touched', 'customer_id') }}

{% set columns_of_key = ['customer_id', 'attribute', 'value_hash'] %}
{% set columns_spoken = [
    'attribute_value', 'given_name', 'family_name', 'street', 'house_number',
    'postcode', 'city', 'address_country_code', 'source', 'record_id', 'is_suspect',
] %}
{% set columns_summed = [
    'is_verified', 'is_current', 'first_said_at', 'last_said_at', 'times_said_count',
    'sources_count', 'records_count',
] %}

with values_said as (
    select
        records_linked.customer_id,
        attributes.*
    from {{ ref('int_attributes_judged') }} as attributes
    inner join {{ ref('int_customer_records_linked') }} as records_linked
        on attributes.record_id = records_linked.record_id
    where {{ is_touched('records_linked.customer_id') }}
),

values_summed as (
    select
        customer_id,
        attribute,
        value_hash,
        max(parts_count) as parts_count,
        bool_or(is_verified) as is_verified,
        bool_or(is_current) as is_current,
        min(first_said_at) as first_said_at,
        max(last_said_at) as last_said_at,
        cast(sum(times_said_count) as bigint) as times_said_count,
        count(distinct source) as sources_count,
        count(*) as records_count
    from values_said
    group by customer_id, attribute, value_hash
),

-- Of several records that say it, the one of the source that is believed most.
speakers as (
    select
        *,
        {{ source_rank() }} as source_rank
    from values_said
    qualify
        row_number() over (
            partition by customer_id, attribute, value_hash
            order by {{ source_rank() }} asc, last_said_at desc, record_id asc
        ) = 1
),

values_ranked as (
    select
        values_summed.*,
        {% for column in columns_spoken %}
            speakers.{{ column }},
        {% endfor %}
        speakers.source_rank,
        dense_rank() over (
            partition by values_summed.customer_id, values_summed.attribute
            order by values_summed.last_said_at asc
        ) as recency_rank
    from values_summed
    inner join speakers
        on
            values_summed.customer_id = speakers.customer_id
            and values_summed.attribute = speakers.attribute
            and values_summed.value_hash = speakers.value_hash
),

-- What is suspect never wins over what is not, nor what its record replaced since.
values_scored as (
    select
        *,
        {% for position in range(1, 6) %}
            {{ survivorship_score(position) }} as score_{{ position }},
        {% endfor %}
        case when is_suspect then 0 else 1 end as score_clean,
        case when is_current then 1 else 0 end as score_current
    from values_ranked
),

values_placed as (
    select
        *,
        row_number() over (
            partition by customer_id, attribute
            order by
                score_clean desc, score_current desc, score_1 desc, score_2 desc,
                score_3 desc, score_4 desc, score_5 desc, value_hash asc
        ) as place
    from values_scored
)

select
    {% for column in columns_of_key + columns_spoken + columns_summed %}
        values_placed.{{ column }},
    {% endfor %}
    values_placed.place = 1 as is_chosen,
    case
        when values_placed.place > 1 then null
        when runners_up.place is null then 'only_value'
        when values_placed.score_clean > runners_up.score_clean then 'clean'
        when values_placed.score_current > runners_up.score_current then 'current'
        {% for position in range(1, 6) %}
            when values_placed.score_{{ position }} > runners_up.score_{{ position }}
                then {{ survivorship_criterion('values_placed.attribute', position) }}
        {% endfor %}
        else 'value_order'
    end as chosen_because
from values_placed
left join values_placed as runners_up
    on
        values_placed.customer_id = runners_up.customer_id
        and values_placed.attribute = runners_up.attribute
        and runners_up.place = 2
