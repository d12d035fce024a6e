"""What we knew of each customer on each night: the chosen values of the golden record, by the nights that knew them.

Belongs here: which chosen values changed since the last night, writing them, and forgetting them with their records.
Does not belong here: which value is chosen (`dbt_project/models/customer/dim_customer_attributes.sql`), and until when
it was known, which dbt derives.
"""

from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.connections import in_memory
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES

GOLDEN_HISTORY = "identity/golden_history"
CHOSEN_SQL = """
select
    customer_id, attribute, value_hash, attribute_value, given_name, family_name, street, house_number, postcode, city,
    address_country_code, source, record_id, chosen_because, first_said_at as valid_from_at
from vault.dim_customer_attributes
where is_chosen
"""
"""What the golden record holds tonight, as `changes_of_night` takes it."""

RECORDS_SQL = "select record_id from identity.int_identity_records"
"""The source records that there are tonight, as `forget_records_gone` takes them."""

_SCHEMA = LAKE_TABLES[GOLDEN_HISTORY].schema
_HISTORY_SQL = """
select customer_id, attribute, value_hash, valid_from_at, known_from_on, is_known
from lake_identity.golden_history
"""
_STAYING = ("customer_id", "attribute", "known_from_on", "is_known")
_FORGETTING_SQL = f"""
with judged as (
    select *, record_id is not null and record_id not in (select record_id from records_given) as is_gone
    from lake_identity.golden_history
)

select
    customer_id, attribute, known_from_on, is_known and not is_gone as is_known,
    {", ".join(f"if(is_gone, null, {name}) as {name}" for name in _SCHEMA.names if name not in _STAYING)}
from judged
where known_from_on in (select known_from_on from judged where is_gone)
order by known_from_on, customer_id, attribute
"""
_CHANGES_SQL = """
with last_known as (
    select *
    from history_given
    where known_from_on < $night
    qualify row_number() over (partition by customer_id, attribute order by known_from_on desc) = 1
),

changed as (
    select
        coalesce(chosen_given.customer_id, last_known.customer_id) as customer_id,
        coalesce(chosen_given.attribute, last_known.attribute) as attribute,
        chosen_given.* exclude (customer_id, attribute),
        $night::date as known_from_on,
        chosen_given.customer_id is not null as is_known
    from chosen_given
    full join last_known
        on chosen_given.customer_id = last_known.customer_id and chosen_given.attribute = last_known.attribute
    where
        coalesce(last_known.is_known, false) <> (chosen_given.customer_id is not null)
        or last_known.value_hash <> chosen_given.value_hash
        or (
            last_known.is_known and last_known.valid_from_at is distinct from chosen_given.valid_from_at
        )
)

from changed
order by customer_id, attribute
"""


def changes_of_night(history: pa.Table, chosen: pa.Table, *, as_of_on: date) -> pa.Table:
    """Return what this night knows otherwise than the night before it.

    Args:
        history: `customer_id`, `attribute`, `value_hash`, `valid_from_at`, `known_from_on` and `is_known` of the nights
            so far; this night and later ones are left out, so that running a night again changes nothing.
        chosen: tonight's chosen values, one row per customer and attribute, with the columns of `CHOSEN_SQL`.
        as_of_on: the night.

    Returns:
        The columns of the lake table `identity/golden_history`, ordered by customer and attribute: one row per chosen
        value that is new or another than before, or is now known to hold since another day (`valid_from_at`, UTC, when
        a source said it first); and one with `is_known` false and no value per attribute of which nothing is known any
        more, as of a customer who was merged into another.
    """
    with in_memory() as connection:
        connection.register("history_given", history)
        connection.register("chosen_given", chosen)
        found = connection.execute(_CHANGES_SQL, {"night": as_of_on}).to_arrow_table()
    return found.select(_SCHEMA.names).cast(_SCHEMA)


def write_night(lake: Lake, chosen: pa.Table, *, as_of_on: date, run_id: str, written_at: datetime) -> pa.Table:
    """Return the changes of a night after adding them to the lake, in place of what it and later nights had added.

    Args:
        lake: where the history is.
        chosen: as `changes_of_night` takes it.
        as_of_on: the night.
        run_id: the run that writes.
        written_at: zone-aware instant of the commit.

    Raises:
        LakeFileDamaged: a file of an earlier night is missing or has other bytes than were written.
    """
    night = as_of_on.isoformat()
    nights = lake.keys(GOLDEN_HISTORY)
    for later in (key for key in nights if key > night):
        lake.forget(GOLDEN_HISTORY, later)
    with in_memory() as connection:
        earlier = {GOLDEN_HISTORY: [key for key in nights if key < night]}
        create_views(connection, lake, {GOLDEN_HISTORY: _SCHEMA}, keys=earlier)
        history = connection.sql(_HISTORY_SQL).to_arrow_table()
    changes = changes_of_night(history, chosen, as_of_on=as_of_on)
    lake.write_table(GOLDEN_HISTORY, night, changes, run_id=run_id, written_at=written_at)
    return changes


def forget_records_gone(
    lake: Lake, records: pa.Table, *, as_of_on: date, run_id: str, written_at: datetime
) -> Sequence[date]:
    """Return the earlier nights whose files were written anew without the values of records that are gone.

    Received rows are never taken back but by an erasure or when their retention is over; then what the history had
    learnt from them goes too, from the disk at once. That something was known until then stays, without value, hash,
    day or source.

    Args:
        lake: where the history is.
        records: column `record_id`: all source records of tonight.
        as_of_on: the night; what it and later nights had added is left to `write_night`.
        run_id: the run that writes.
        written_at: zone-aware instant of the commit.

    Raises:
        LakeFileDamaged: a file of an earlier night is missing or has other bytes than were written.
    """
    with in_memory() as connection:
        earlier = [key for key in lake.keys(GOLDEN_HISTORY) if key < as_of_on.isoformat()]
        create_views(connection, lake, {GOLDEN_HISTORY: _SCHEMA}, keys={GOLDEN_HISTORY: earlier})
        connection.register("records_given", records)
        kept = connection.execute(_FORGETTING_SQL).to_arrow_table().select(_SCHEMA.names).cast(_SCHEMA)
    nights = sorted({date.fromisoformat(str(night)) for night in kept["known_from_on"].unique().to_pylist()})
    for night in nights:
        of_night = kept.filter(pc.equal(kept["known_from_on"], pa.scalar(night)))
        lake.write_table(GOLDEN_HISTORY, night.isoformat(), of_night, run_id=run_id, written_at=written_at)
        left_behind = set((lake.root / GOLDEN_HISTORY).glob(f"{night.isoformat()}-*.parquet"))
        for path in left_behind - set(lake.paths(GOLDEN_HISTORY, [night.isoformat()])):
            path.unlink()
    return nights
