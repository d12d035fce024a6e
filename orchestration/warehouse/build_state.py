"""With which version of the dbt project each block was last built, so that changed rules rebuild history.

Incremental models keep rows of earlier nights; when any file of the project changed since, the block is built in full.
"""

from collections.abc import Sequence
from pathlib import Path

from orchestration.foundation.connections import DuckdbLimits, connect

_TABLE = "build_state.block_versions"


def build_arguments(warehouse: Path, *, version: str, selection: Sequence[str], limits: DuckdbLimits) -> list[str]:
    """Return the arguments of `dbt build` for a selection: in full when the project is not the one last built.

    Args:
        warehouse: the database that dbt writes.
        version: fingerprint of the dbt project as it stands.
        selection: dbt selectors of what to build.
        limits: memory and threads of the connection.
    """
    with connect(warehouse, limits, read_only=False) as connection:
        connection.execute("create schema if not exists build_state")
        connection.execute(f"create table if not exists {_TABLE} (block varchar primary key, version varchar)")
        found = connection.execute(f"select count(*) from {_TABLE} where version <> ?", [version]).fetchall()
    in_full = ["--full-refresh"] if found[0][0] else []
    return ["build", "--select", *selection, "--exclude-resource-type", "unit_test", *in_full]


def record_version(warehouse: Path, *, block: str, version: str, limits: DuckdbLimits) -> None:
    """Record that `block` was built whole with this version of the project."""
    with connect(warehouse, limits, read_only=False) as connection:
        connection.execute(f"insert or replace into {_TABLE} values (?, ?)", [block, version])
