"""What tests of the dbt project need: small lakes as rows, and one dbt that builds them into warehouses.

Belongs here: filling `lake_*` schemas and calling dbt. Does not belong here: what a model should hold.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import view_name
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.warehouse.build_state import show_files_touched

AS_OF_ON = date(2026, 6, 30)
BLOCKS = ("block_staging", "block_customer", "block_insight", "block_serving")
_LANDED_AT = datetime(2026, 6, 30, 22, 0, tzinfo=UTC).replace(tzinfo=None)
_TIMEOUT_SECONDS = 300

Row = Mapping[str, Any]


def lake_schemas() -> dict[str, pa.Schema]:
    """Return the schema of every lake table that dbt reads, raw tables by their contracts."""
    others = {name: table.schema for name, table in LAKE_TABLES.items()}
    return {**load_contracts(PROJECT_ROOT / "lake" / "contracts").raw_schemas(), **others}


@dataclass
class SmallLake:
    """Rows of lake tables, by table name; a table without rows is empty, as the registrar would show it."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows to a table that is not raw; columns left out are null."""
        self.rows.setdefault(table, []).extend(rows)

    def land(self, source: str, feed: str, file_name: str, rows: Sequence[Row]) -> str:
        """Add a landed file with its row in the ledger; return the file's hash."""
        digest = hashlib.sha256(json.dumps([file_name, *rows], default=str).encode()).hexdigest()
        landed = [
            {
                **row,
                "_source": source,
                "_feed": feed,
                "_file": file_name,
                "_file_sha256": digest,
                "_row_number": number,
                "_ingested_at": _LANDED_AT,
                "_run_id": "run",
            }
            for number, row in enumerate(rows, start=1)
        ]
        self.add(f"raw/{source}/{feed}", landed)
        self.deliver(source, feed, file_name, digest, len(rows))
        return digest

    def deliver(self, source: str, feed: str, file_name: str, digest: str, records: int, **facts: object) -> None:
        """Add a delivered file to the ledger; landed unless the facts say otherwise."""
        delivery = {
            "source": source,
            "feed": feed,
            "file_name": file_name,
            "file_sha256": digest,
            "delivered_on": AS_OF_ON,
            "file_fate": "landed",
            "records_count": records,
            "landed_count": records,
            "quarantined_count": 0,
            "_ingested_at": _LANDED_AT,
        }
        self.add("ledger/files", [{**delivery, **facts}])

    def write(self, warehouse: Path) -> None:
        """Write every lake table into a warehouse file, in place of what it held; show which files are new to it."""
        with duckdb.connect(warehouse) as connection:
            for table, schema in lake_schemas().items():
                rows = pa.Table.from_pylist(list(self.rows.get(table, ())), schema=schema)
                schema_name, name = view_name(table)
                connection.register("rows_given", rows)
                connection.execute(f"create schema if not exists {schema_name}")
                connection.execute(f"create or replace table {schema_name}.{name} as select * from rows_given")
                connection.unregister("rows_given")
            show_files_touched(connection)


@dataclass(frozen=True)
class Dbt:
    """The project's dbt over one warehouse path: a fixed one, because a new one would be parsed anew."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def manifest(self) -> Path:
        return self.folder / "target" / "manifest.json"

    def run(self, *arguments: str) -> str:
        """Run one dbt command and return its output; an unsuccessful one fails the test with it."""
        places = ("--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"))
        project = str(PROJECT_ROOT / "dbt_project")
        ended = subprocess.run(
            [
                str(Path(sys.executable).parent / "dbt"),
                *arguments,
                *("--project-dir", project, "--profiles-dir", project, *places),
            ],
            env={
                **os.environ,
                "GENOME_WAREHOUSE": str(self.warehouse),
                "GENOME_AS_OF_ON": AS_OF_ON.isoformat(),
                "GENOME_SURVIVORSHIP": load_policies(PROJECT_ROOT / "lake" / "policies").survivorship.as_json(),
                "GENOME_TIMEZONE": "Europe/London",
                "NO_COLOR": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def build(self, *blocks: str, is_tested: bool = True) -> str:
        """Build blocks with their data tests, in one call: the lake must hold already what stages write between."""
        tags = [f"tag:{block}" for block in blocks]
        left_out = ["unit_test"] if is_tested else ["unit_test", "test"]
        return self.run("build", "--select", *tags, "--exclude-resource-type", *left_out)

    def keep(self, name: str) -> Path:
        """Move the warehouse aside under the same file name, which its views refer to; return where it is."""
        kept = self.folder / name / self.warehouse.name
        kept.parent.mkdir()
        self.warehouse.rename(kept)
        return kept
