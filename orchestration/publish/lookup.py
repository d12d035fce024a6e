"""The look-up file for service time: from the keyed hash of an identifier to the customer, the tier and a small card.

It is the nightly surrogate of recognising a customer while they are served: it knows what the last night knew. One
Parquet file, sorted by hash, in row groups of 2,048 with their bounds: a reader of any language reads the footer and
one group, no server runs, and the file is swapped and kept like the database beside it. Making it visible is `swap`.

A customer who granted profiling has tier and card; one who said nothing has the tier alone; one who denied or withdrew
it at any contact point, or asked for erasure, restriction or no profiling, is recognised, and nothing is told.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.foundation.atomic_files import temporary_beside
from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import sync_file
from orchestration.foundation.sql import quote_literal

LOOKUP_NAME = "lookup.parquet"
_IN_MEMORY = Path(":memory:")
_ROWS_PER_GROUP = 2_048

# Nested, so that nobody who sees a hash can lengthen what was hashed (Bellare, Canetti and Krawczyk 1996).
_HASHED = "sha256({key} || sha256({key} || {kind} || ':' || {value}))"
_KEY = "getvariable('lookup_key')"
_KEY_CHECK = "lookup_key_check"
_ROWS = f"""
    with identifiers as (
        select identifier_type, identifier_value, identifier_hash from warehouse.vault.int_contact_points_observed
        union
        select identifier_type, identifier_value, identifier_hash from warehouse.identity.int_logins_observed
    ),
    recognising as (
        select identifier_type, identifier_value, customer_id
        from identifiers
        join warehouse.identity.int_identifiers_owned using (identifier_type, identifier_hash)
        anti join warehouse.identity.int_values_suspected as suspects
            on suspects.attribute = identifier_type and suspects.value_hash = identifier_hash
    ),
    -- Who asked to be forgotten, restricted or not profiled is not, whatever the consents say.
    said as (
        select customer_id, has_consent as is_allowed
        from warehouse.customer.dim_customer_consents
        where purpose = 'profiling'
        union all
        select customer_id, false
        from warehouse.vault.stg_privacy_requests__requests as requests
        join warehouse.identity.int_facts_owned as owned
            on owned.fact_id = 'privacy_requests:requests:' || requests.request_id_privacy_requests
        where requests.request_type in ('erasure', 'objection', 'restriction')
    ),
    allowed as (
        select customer_id, bool_and(is_allowed) as is_allowed
        from said
        group by customer_id
    ),
    customers as (
        select customer_id, as_of_on,
            case when coalesce(is_allowed, true) then segment_code end as value_tier,
            case when is_allowed then to_json({{
                segment_name: segment_name, first_seen_on: first_seen_on,
                first_ordered_on: first_ordered_on, last_ordered_on: last_ordered_on
            }})::varchar else '{{}}' end as card_json
        from warehouse.serving.mart_customer_360
        left join allowed using (customer_id)
    )
    select {_HASHED.format(key=_KEY, kind="identifier_type", value="identifier_value")} as identifier_hash,
        customer_id, value_tier, card_json, as_of_on
    from recognising
    join customers using (customer_id)
    order by identifier_hash
"""


@dataclass(frozen=True)
class Recognised:
    """Whom an identifier leads to, as the last night knew them.

    Attributes:
        customer_id: the customer.
        value_tier: code of the RFM segment; None where the customer does not want to be profiled.
        card_json: segment's name and days of first contact, first and last order, as JSON; `{}` where not allowed.
        as_of_on: the business day of that night.
    """

    customer_id: str
    value_tier: str | None
    card_json: str
    as_of_on: date


class LookupMissing(GenomeError):
    """There is no look-up file of the database that is shown."""

    @classmethod
    def at(cls, path: Path) -> "LookupMissing":
        """Return the error for the file that is not there."""
        return cls(f"{path} does not exist: no night has published it. `genome night` runs one.")

    @classmethod
    def of_build(cls, path: Path) -> "LookupMissing":
        """Return the error for the build that is shown without one."""
        return cls(
            f"{path} does not exist: the database that is shown has no look-up file, and that of another build is no "
            f"substitute. `genome night` publishes both anew."
        )


class LookupKeyUnfit(GenomeError):
    """A secret by which no identifier is found, as the file was made with another one."""

    @classmethod
    def of(cls, path: Path) -> "LookupKeyUnfit":
        """Return the error for a file whose check value the secret does not give."""
        return cls(
            f"{path} was made with another secret than the installation's lookup_key: their check values differ, so "
            f"that every identifier would seem not to be known. Put back the secret of the night that made the file "
            f"(.private/lookup_key below the lake's root), or run `genome night`, which makes the file anew with the "
            f"present one; nobody was looked up."
        )


def lookup_of_build(serving_dir: Path, build_id: str) -> Path:
    """Return where the look-up file of one build lies, whether the build is shown or not."""
    return serving_dir / f"lookup.{build_id}.parquet"


def lookups_of_builds(serving_dir: Path) -> list[Path]:
    """Return the look-up files of all builds, by name; the one that is shown is a second name of one of them."""
    return sorted(serving_dir.glob("lookup.*.parquet"))


def build_lookup(*, warehouse: Path, serving_dir: Path, build_id: str, key: str, limits: DuckdbLimits) -> int:
    """Return how many identifiers the look-up file of a build holds, after writing it whole beside the database.

    One row per identifier that one customer, and no other, shows and that is not suspect: `identifier_hash`,
    `customer_id`, `value_tier`, `card_json`, `as_of_on`, ordered by the hash. Its footer holds, as `lookup_key_check`,
    the keyed hash of an empty value, by which a reader knows whether it has the right secret.

    Args:
        warehouse: the DuckDB file that dbt wrote, opened read-only.
        serving_dir: the folder of the published files.
        build_id: the build that it is part of.
        key: the installation's secret for look-ups; it stands in no statement.
        limits: memory and threads of the connection.
    """
    path = lookup_of_build(serving_dir, build_id)
    serving_dir.mkdir(parents=True, exist_ok=True)
    with temporary_beside(path) as temporary, connect(_IN_MEMORY, limits, read_only=False) as connection:
        connection.execute(f"attach {quote_literal(str(warehouse))} as warehouse (read_only)")
        _use_key(connection, key)
        [(rows_count,)] = connection.execute(
            f"copy ({_ROWS}) to {quote_literal(str(temporary))} "
            f"(format parquet, compression zstd, row_group_size {_ROWS_PER_GROUP}, "
            f"kv_metadata {{{_KEY_CHECK}: {_check()}}})"
        ).fetchall()
        sync_file(temporary)
        temporary.replace(path)
    return int(rows_count)


def look_up(
    path: Path, *, identifier_type: str, identifier_value: str, key: str, limits: DuckdbLimits
) -> Recognised | None:
    """Return whom an identifier leads to, or None when it leads to nobody or to more than one.

    Args:
        path: the look-up file.
        identifier_type: `email`, `phone`, `loyalty_card` or `login_id`.
        identifier_value: the value as standardised.
        key: the installation's secret for look-ups.
        limits: memory and threads of the connection.

    Raises:
        LookupKeyUnfit: the file was made with another secret.
    """
    file = quote_literal(str(path))
    with connect(_IN_MEMORY, limits, read_only=False) as connection:
        _use_key(connection, key)
        hashed = _HASHED.format(key=_KEY, kind="$kind", value="$value")
        [(identifier_hash, is_fit)] = connection.execute(
            f"select {hashed}, {_check()} in (select decode(value) from parquet_kv_metadata({file}) "
            f"where decode(key) = '{_KEY_CHECK}')",
            {"kind": identifier_type, "value": identifier_value},
        ).fetchall()
        if not is_fit:
            raise LookupKeyUnfit.of(path)
        rows = connection.execute(
            f"select customer_id, value_tier, card_json, as_of_on from read_parquet({file}) "
            f"where identifier_hash = {quote_literal(identifier_hash)}"
        ).fetchall()
    return Recognised(*rows[0]) if rows else None


def _check() -> str:
    """Return the SQL of the hash by which a secret is known to be the right one; no identifier is of that type."""
    return _HASHED.format(key=_KEY, kind=f"'{_KEY_CHECK}'", value="''")


def _use_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    connection.execute("set variable lookup_key = $key", {"key": key})
