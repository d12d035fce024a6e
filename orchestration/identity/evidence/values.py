"""Shared identifiers in clear, for those who ask: the only part of an explanation that holds personal data."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

_VALUES_SQL = """
select identifier_type, identifier_hash, min(identifier_value) as identifier_value
from vault.int_contact_points_observed
semi join identifiers_asked using (identifier_type, identifier_hash)
group by identifier_type, identifier_hash
"""


def vault_values(
    warehouse: duckdb.DuckDBPyConnection, identifiers: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], str]:
    """Return by type and hash the e-mail addresses and phone numbers that stand in the vault.

    Args:
        warehouse: an open connection to the warehouse.
        identifiers: types and hashes; those that are no contact point are left out.
    """
    types, hashes = zip(*identifiers, strict=True) if identifiers else ((), ())
    asked = {"identifier_type": pa.array(types, pa.string()), "identifier_hash": pa.array(hashes, pa.string())}
    warehouse.register("identifiers_asked", pa.table(asked))
    rows = warehouse.execute(_VALUES_SQL).fetchall()
    warehouse.unregister("identifiers_asked")
    return {(str(kind), str(digest)): str(value) for kind, digest, value in rows}
