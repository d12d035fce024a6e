-- One row per e-mail, phone number, address or birthday that too many names show.
{{ config(tags=['block_staging']) }}

-- Names and not records are counted: one person may write twenty tickets.
with values_counted as (
    select
        attribute,
        value_hash,
        count(distinct name_hash) as names_count
    from {{ ref('int_values_shown') }}
    group by attribute, value_hash
),

shared_value_limits as (
    select * from {{ ref('shared_value_limits') }}
),

birth_dates as (
    select
        {{ hash_text('cast(birth_date as ' ~ type_text() ~ ')') }} as value_hash,
        extract(year from birth_date) as birth_year
    from {{ ref('int_person_attributes') }}
    where birth_date is not null
    group by birth_date
),

years_counted as (
    select
        birth_dates.birth_year,
        sum(values_counted.names_count) as names_count
    from values_counted
    inner join birth_dates on values_counted.value_hash = birth_dates.value_hash
    where values_counted.attribute = 'birth_date'
    group by birth_dates.birth_year
),

-- As many as show any other day of the year, on average.
birth_dates_expected as (
    select
        values_counted.attribute,
        values_counted.value_hash,
        values_counted.names_count,
        cast(years_counted.names_count - values_counted.names_count as double)
        / 364.25 as names_expected_count
    from values_counted
    inner join birth_dates on values_counted.value_hash = birth_dates.value_hash
    inner join years_counted on birth_dates.birth_year = years_counted.birth_year
    where values_counted.attribute = 'birth_date'
)

select
    values_counted.attribute,
    values_counted.value_hash,
    values_counted.names_count,
    cast(shared_value_limits.max_names_count as double) as names_expected_count
from values_counted
inner join shared_value_limits
    on values_counted.attribute = shared_value_limits.attribute
where values_counted.names_count > shared_value_limits.max_names_count

union all

-- Six standard deviations of a Poisson count above, and five more where few are known:
-- of a million days that nobody made up, none.
select
    attribute,
    value_hash,
    names_count,
    names_expected_count
from birth_dates_expected
where names_count > names_expected_count + 6 * sqrt(names_expected_count) + 5
