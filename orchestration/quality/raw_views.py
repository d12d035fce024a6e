"""What the raw gate reads: the lake files that arrived since the last closed night, and the ledger of all time."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import keys_since_closed_night

LEDGER = "ledger/files"


def create_raw_views(
    connection: duckdb.DuckDBPyConnection, lake: Lake, contracts: Contracts, *, warehouse: Path
) -> None:
    """Make the views that the raw gate reads, in an empty database.

    Raw tables, quarantine and `lake_ledger.files` show what no closed night has read: a file that a gate refused is
    shown until it is waived or the rules let it pass. All files are shown where everything will be built anew, when
    there is no warehouse. The table `lake_ledger.files_ever` holds one row per file that was ever delivered.

    Args:
        connection: to the empty database.
        lake: where the files are.
        contracts: of the feeds whose raw tables are shown.
        warehouse: the database that dbt builds.

    Raises:
        LakeFileDamaged: a committed file is missing, or is new or touched and has other bytes than were written.
    """
    landed = {name: table.schema for name, table in LAKE_TABLES.items() if table.writer == "ingest"}
    tables: Mapping[str, pa.Schema] = {**contracts.raw_schemas(), **landed}
    create_views(connection, lake, {LEDGER: tables[LEDGER]})
    connection.execute("create table lake_ledger.files_ever as select * from lake_ledger.files")
    create_views(connection, lake, tables, keys=keys_since_closed_night(lake, tables) if warehouse.exists() else None)
