"""What we knew of each customer on each night: the chosen values of the golden record, by the nights that knew them.

Belongs here: which chosen values changed since the last night, and writing them. Does not belong here: which value is
chosen (`dbt_project/models/customer/dim_customer_attributes.sql`), and until when it was known, which dbt derives.
"""

from datetime import date, datetime

import pyarrow as pa

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

_SCHEMA = LAKE_TABLES[GOLDEN_HISTORY].schema
_HISTORY_SQL = """
select customer_id, attribute, value_hash, valid_from_at, known_from_on, is_known
from lake_identity.golden_history
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
