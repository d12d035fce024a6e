"""The view registrar: dbt's sources are views over exactly the lake files that the night's pin names.

It makes views and nothing else; what the views hold is written by the stages, what is built on them by dbt.
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import Night
from orchestration.foundation.warehouse_file import unseal_warehouse
from orchestration.warehouse.build_state import show_files_touched

_HASHES_OF_VALUES = "profiles/sketches"
"""Stays in the lake: no model reads it."""


def input_tables(contracts: Contracts) -> dict[str, pa.Schema]:
    """Return the lake tables that are complete before dbt starts, with their schemas: what a night pins."""
    stages_before = ("ingest", "standardise")
    before = {table.name: table.schema for table in LAKE_TABLES.values() if table.writer in stages_before}
    return {**contracts.raw_schemas(), **before}


def output_tables() -> dict[str, pa.Schema]:
    """Return the lake tables that dbt reads as they are now and no night pins, with their schemas."""
    stages_between = ("profiles", "identity", "insight")
    written = [table for table in LAKE_TABLES.values() if table.writer in stages_between]
    return {table.name: table.schema for table in written if table.name != _HASHES_OF_VALUES}


def rules_read(lake: Lake) -> list[str]:
    """Return the versions of the rules by which the standardised tables were made, each with its table, ordered."""
    tables = [table.name for table in LAKE_TABLES.values() if table.writer == "standardise"]
    found = {f"{table} {record.facts.get('rules_version')}" for table in tables for record in lake.records(table)}
    return sorted(found)


def register_views(
    warehouse: Path,
    lake: Lake,
    tables: Mapping[str, pa.Schema],
    *,
    limits: DuckdbLimits,
    night: Night | None = None,
) -> str | None:
    """Return why the warehouse is built anew, or None, after pointing its source views at the lake's committed files.

    New files and those that were touched are hashed first; all of them when the warehouse is built anew.

    Args:
        warehouse: the database that dbt writes next; made when it is missing.
        lake: where the files are.
        tables: lake table name to schema.
        limits: memory and threads of the connection.
        night: whose pin says which keys of each table count; all keys when it is left out.

    Raises:
        LakeFileDamaged: a committed file is missing or has other bytes than were written.
    """
    reason = unseal_warehouse(warehouse, limits)
    if reason:
        for table in lake.tables():
            lake.forget_checks(table)
    with connect(warehouse, limits, read_only=False) as connection:
        create_views(connection, lake, tables, keys=night.keys if night else None)
        if night:
            show_files_touched(connection)
    return reason
