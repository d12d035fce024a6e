"""The company's own records as linkage compares them, and what guards read off the same forms.

Belongs here: the step from what dbt observed to the frame, and from the frame to the attributes of guards. Does not
belong here: how a value is cleaned for comparing (`linkage.frame`).
"""

import duckdb
import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.linkage.frame import EVERY, build_frame

_LETTERS_OF_TYPOS = 4
_RAW_SQL = """
create or replace temp table company_records as
select
    record_id,
    source,
    given_name,
    family_name,
    full_name,
    birth_date::varchar as birth_date,
    email,
    phone,
    nullif(concat_ws(' ', house_number, street), '') as street,
    postcode,
    city,
    country_code as country,
    gender,
from compared_given
where coalesce(given_name, family_name, full_name, birth_date::varchar, email, phone) is not null
"""
_ATTRIBUTES_SQL = f"""
with said as (
    select record_id, 'given_name' as attribute_type, unnest(given_forms) as attribute_value
    from {EVERY}
    where length(given) > 1
    union all
    select record_id, 'given_name', 'sounds ' || given_sound
    from {EVERY}
    where length(given) > 1
    union all
    select record_id, 'given_name', 'misses ' || unnest(list_distinct(list_transform(
        generate_series(1, length(given)),
        lambda place: left(given, place - 1) || substr(given, place + 1)
    )))
    from {EVERY}
    where length(given) >= {_LETTERS_OF_TYPOS}
    union all
    select record_id, 'given_name', 'misses ' || given
    from {EVERY}
    where length(given) >= {_LETTERS_OF_TYPOS}
    union all
    select record_id, 'given_initial', left(unnest(given_forms), 1)
    from {EVERY}
    union all
    select record_id, 'family_name', unnest([family, 'sounds ' || family_sound])
    from {EVERY}
    union all
    select record_id, 'birth_date', unnest(
        [left(birth_date, 7), right(birth_date, 5), left(birth_date, 5) || right(birth_date, 2)]
    )
    from {EVERY}
    union all
    select record_id, 'gender', gender
    from {EVERY}
)

select record_id, attribute_type, md5(attribute_value) as attribute_value
from said
where attribute_value is not null
union
select record_id, identifier_type, identifier_hash
from observed_given
order by record_id, attribute_type, attribute_value
"""


def build_company_frame(connection: duckdb.DuckDBPyConnection, compared: pa.Table) -> None:
    """Make the frame of the records that say who they are about; a device or a bare card has nothing to compare.

    Args:
        connection: in which the frame's tables are made.
        compared: the columns of `vault.int_attributes_compared`.
    """
    connection.register("compared_given", compared)
    connection.execute(_RAW_SQL)
    connection.unregister("compared_given")
    build_frame(connection, "company_records")


def guard_attributes(connection: duckdb.DuckDBPyConnection, observed: pa.Table) -> pa.Table:
    """Return what guards compare of each record, as hashes (lake table `identity/attributes`), ordered.

    First names are all that they may be short for, their sound, and from four letters on what is left without any one
    of them, so that names that are a letter apart share something (Bocek et al. 2007, FastSS). Days of birth are three
    pairs of day, month and year, so that two contradict each other only when two of the three differ.

    Args:
        connection: holds the tables of the frame.
        observed: columns `record_id`, `identifier_type`, `identifier_hash`.
    """
    connection.register("observed_given", observed)
    found = connection.execute(_ATTRIBUTES_SQL).to_arrow_table()
    connection.unregister("observed_given")
    return found.cast(LAKE_TABLES["identity/attributes"].schema)
