"""The company's own records as linkage compares them, and what guards read off the same forms.

Belongs here: the step from what dbt observed to the frame, and from the frame to the attributes of guards. Does not
belong here: how a value is cleaned for comparing (`linkage.frame`).
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.sql import quote_literal
from orchestration.identity.linkage.frame import EVERY, build_frame
from orchestration.identity.ordered_rows import put_in_order

_FRAME = LAKE_TABLES["identity/linkage_frame"].schema
_ATTRIBUTES = LAKE_TABLES["identity/attributes"].schema
_OF_FRAME = ("given_name", "given_initial", "family_name", "birth_date", "gender")
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
_READY_SQL = """
create or replace temp table company_rows as
select record_id, hash(company_records)::varchar as row_hash
from company_records;

create or replace temp table company_ready as
select record_id
from company_rows
semi join (select record_id, row_hash from frame_stored) as stored using (record_id, row_hash);

create or replace temp view company_frame_ready as
select * exclude (row_hash)
from frame_stored
semi join company_ready using (record_id);

delete from company_records
where record_id in (select record_id from company_ready);
"""
_NEW_ROWS_SQL = f"""
select {", ".join(f"every.{name}" if name != "row_hash" else "company_rows.row_hash" for name in _FRAME.names)}
from {EVERY} every
join company_rows using (record_id)
where every.record_id not in (select record_id from company_ready)
order by every.record_id
"""
_CHANGED_SQL = f"""
create or replace temp table attributes_changed as
with identifiers_before as (
    select record_id, sum(hash(attribute_type, attribute_value)) as rows_hash
    from attributes_stored
    where attribute_type not in ({", ".join(map(quote_literal, _OF_FRAME))})
    group by record_id
),

identifiers_now as (
    select record_id, sum(hash(identifier_type, identifier_hash)) as rows_hash
    from (select distinct record_id, identifier_type, identifier_hash from observed_given)
    group by record_id
)

select record_id
from company_rows
where record_id not in (select record_id from company_ready)
union
select record_id
from attributes_stored
where attribute_type in ({", ".join(map(quote_literal, _OF_FRAME))})
    and record_id not in (select record_id from company_ready)
union
select coalesce(identifiers_before.record_id, identifiers_now.record_id)
from identifiers_before
full join identifiers_now using (record_id)
where identifiers_before.rows_hash is distinct from identifiers_now.rows_hash
"""
_ATTRIBUTES_SQL = f"""
with chosen as (
    select *
    from {EVERY}
    where record_id in (from attributes_changed)
),

said as (
    select record_id, 'given_name' as attribute_type, unnest(given_forms) as attribute_value
    from chosen
    where length(given) > 1
    union all
    select record_id, 'given_name', 'sounds ' || given_sound
    from chosen
    where length(given) > 1
    union all
    select record_id, 'given_name', 'misses ' || unnest(list_distinct(list_transform(
        generate_series(1, length(given)),
        lambda place: left(given, place - 1) || substr(given, place + 1)
    )))
    from chosen
    where length(given) >= {_LETTERS_OF_TYPOS}
    union all
    select record_id, 'given_name', 'misses ' || given
    from chosen
    where length(given) >= {_LETTERS_OF_TYPOS}
    union all
    select record_id, 'given_initial', left(unnest(given_forms), 1)
    from chosen
    union all
    select record_id, 'family_name', unnest([family, 'sounds ' || family_sound])
    from chosen
    union all
    select record_id, 'birth_date', unnest(
        [left(birth_date, 7), right(birth_date, 5), left(birth_date, 5) || right(birth_date, 2)]
    )
    from chosen
    union all
    select record_id, 'gender', gender
    from chosen
)

select record_id, attribute_type, md5(attribute_value) as attribute_value
from said
where attribute_value is not null
union
select record_id, identifier_type, identifier_hash
from observed_given
where record_id in (from attributes_changed)
"""
_ORDERED_SQL = f"{_ATTRIBUTES_SQL} order by record_id, attribute_type, attribute_value"


@dataclass(frozen=True)
class GuardAttributes:
    """What guards compare of each record.

    Attributes:
        rows: lake table `identity/attributes`, ordered.
        changed: the rows of records that say or show something else than the night before.
        gone: what was stored of these records.
    """

    rows: pa.Table
    changed: pa.Table
    gone: pa.Table


def build_company_frame(
    connection: duckdb.DuckDBPyConnection, compared: pa.Table, stored: pa.Table | None = None
) -> pa.Table:
    """Make the frame of the records that say who they are about; a device or a bare card has nothing to compare.

    A value is cleaned once: what the night before made of a record that says the same now is taken as it is. That holds
    of the company's own records, whose days are written year first; other files tell the order of a day by all of them.

    Args:
        connection: in which the frame's tables are made.
        compared: the columns of `vault.int_attributes_compared`.
        stored: what this function returned the night before, by the same code.

    Returns:
        The frame with a hash of what each row was made of, ordered by record (lake table `identity/linkage_frame`).
    """
    connection.register("compared_given", compared)
    connection.execute(_RAW_SQL)
    connection.unregister("compared_given")
    stored = _FRAME.empty_table() if stored is None else stored
    connection.register("frame_stored", stored)
    connection.execute(_READY_SQL)
    build_frame(connection, "company_records", ready="company_frame_ready")
    connection.unregister("frame_stored")
    ready = connection.execute("from company_ready").to_arrow_table()["record_id"].combine_chunks()
    new = connection.execute(_NEW_ROWS_SQL).to_arrow_table().cast(_FRAME)
    return put_in_order(stored.filter(pc.is_in(stored["record_id"], value_set=ready)), new, by=["record_id"])


def guard_attributes(
    connection: duckdb.DuckDBPyConnection, observed: pa.Table, stored: pa.Table | None = None
) -> GuardAttributes:
    """Return what guards compare of each record, as hashes.

    First names are all that they may be short for, their sound, and from four letters on what is left without any one
    of them, so that names that are a letter apart share something (Bocek et al. 2007, FastSS). Days of birth are three
    pairs of day, month and year, so that two contradict each other only when two of the three differ.

    Args:
        connection: holds the tables that `build_company_frame` made.
        observed: columns `record_id`, `identifier_type`, `identifier_hash`.
        stored: the rows that this function returned the night before, when `build_company_frame` was given the frame of
            that night: attributes of records that say and show what they did are taken from it.
    """
    connection.register("observed_given", observed)
    stored = _ATTRIBUTES.empty_table() if stored is None else stored
    connection.register("attributes_stored", stored)
    connection.execute(_CHANGED_SQL)
    changed = connection.execute(_ORDERED_SQL).to_arrow_table().cast(_ATTRIBUTES)
    records = connection.execute("from attributes_changed").to_arrow_table()["record_id"].combine_chunks()
    connection.unregister("observed_given")
    connection.unregister("attributes_stored")
    is_gone = pc.is_in(stored["record_id"], value_set=records)
    rows = put_in_order(stored.filter(pc.invert(is_gone)), changed, by=["record_id"])
    return GuardAttributes(rows, changed, stored.filter(is_gone))
