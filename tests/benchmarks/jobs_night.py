"""Jobs that run a whole night: as `genome night` does, and bare, the same SQL and functions without Dagster and dbt."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.foundation import clock
from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.contracts import Contracts, load_contracts
from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import close_night, pin_night
from orchestration.foundation.policies import Policies, load_policies
from orchestration.foundation.settings import Settings
from tests.benchmarks.sql_of_a_night import NightSql, Step
from tests.benchmarks.work import Facts, Meter

_AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)


def genome_night(arguments: Facts, meter: Meter) -> Facts:
    """Run `genome night --date …` in this process, as the command does."""
    settings = _settings(arguments)
    clock.utc_now = _at  # files arrive on the same day in every night that is compared, whenever it runs
    os.environ["GENOME_LAKE"] = str(settings.lake_root)
    prepare_dagster_home(settings.dagster_home)
    _check_copied_files(settings)
    with meter.measured():
        from rich.console import Console

        from orchestration.cli.night import run_night

        run_night(settings, console=Console(quiet=True), as_of_on=_day(arguments))
    return _published(settings)


def bare_night(arguments: Facts, meter: Meter) -> Facts:
    """Run the same night's SQL and functions one after the other."""
    settings = _settings(arguments)
    sql = NightSql.read(Path(arguments["sql"]))
    _check_copied_files(settings)
    with meter.measured():
        night = _BareNight(settings, _day(arguments), sql, has_gates=arguments["has_gates"])
        night.run()
    return {**_published(settings), "_parts": {name: round(seconds, 2) for name, seconds in night.parts.items()}}


def _at() -> datetime:
    return _AT


def _settings(arguments: Facts) -> Settings:
    root = Path(arguments["root"])
    return Settings.model_validate(
        {
            "lake_root": root,
            "state_dir": root,
            "duckdb_memory_limit": arguments["memory_limit"],
            "duckdb_threads": arguments["threads"],
        }
    )


def _check_copied_files(settings: Settings) -> None:
    """Hash the lake's files, which a snapshot brought as new ones; in an installation they have been for nights."""
    lake = Lake(settings.lake_root)
    for table in lake.tables():
        lake.checked_paths(table)


def _day(arguments: Facts) -> date:
    return date.fromisoformat(arguments["day"])


def _published(settings: Settings) -> Facts:
    """Return the published tables: rows and checksum over all columns but the build's id."""
    from orchestration.publish.swap import published

    shown = published(settings.serving_dir)
    assert shown is not None
    return {"tables": {table.name: [table.rows_count, table.checksum] for table in shown.tables}}


@dataclass
class _BareNight:
    """One night, step by step."""

    settings: Settings
    day: date
    sql: NightSql
    has_gates: bool
    parts: dict[str, float] = field(default_factory=dict)
    run_id: str = "bare-night"

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_root)

    @property
    def limits(self) -> DuckdbLimits:
        return DuckdbLimits(self.settings.duckdb_memory_limit, self.settings.duckdb_threads)

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.parts[name] = self.parts.get(name, 0.0) + time.perf_counter() - began

    def run(self) -> None:
        contracts = load_contracts(self.settings.contracts_dir)
        policies = load_policies(self.settings.policies_dir)
        self._land(contracts)
        gate = _gates(self, contracts, policies)
        gate("raw")
        self._standardise_and_pin(contracts)
        self._block("block_staging")
        gate("staging")
        self._identity(policies)
        self._block("block_customer")
        gate("customer")
        self._block("block_insight")
        gate("features")
        self._insight(policies)
        gate("scores")
        self._block("block_serving")
        self._publish(policies, gate)

    def _land(self, contracts: Contracts) -> None:
        from orchestration.ingest.nightly import land_everything

        with self._part("landing"):
            land_everything(
                self.lake,
                contracts,
                run_id=self.run_id,
                ingested_at=_AT,
                timezone=self.settings.timezone,
                limits=self.limits,
            )

    def _standardise_and_pin(self, contracts: Contracts) -> None:
        from orchestration.standardise.nightly import standardise_new_values
        from orchestration.warehouse.registrar import input_tables, register_views

        with self._part("standardise"):
            reports = standardise_new_values(
                self.lake, contracts.feeds(), as_of_on=self.day, run_id=self.run_id, at=_AT
            )
            list(reports)
        inputs = input_tables(contracts)
        pinned = pin_night(self.lake, inputs, as_of_on=self.day, run_id=self.run_id, at=_AT)
        register_views(self.settings.warehouse_path, self.lake, inputs, limits=self.limits, night=pinned)

    def _block(self, block: str) -> None:
        from orchestration.warehouse.registrar import output_tables

        with (
            self._part("sql"),
            connect(self.settings.warehouse_path, self.limits, read_only=False) as connection,
        ):
            create_views(connection, self.lake, output_tables())
            for step in self.sql.steps:
                if step.block == block:
                    connection.execute(f'create schema if not exists "{step.schema}"')
                    _require_no_failure(step, [connection.execute(each).fetchall() for each in step.statements])

    def _identity(self, policies: Policies) -> None:
        from orchestration.identity.nightly import identify_customers

        with (
            self._part("identity"),
            connect(self.settings.warehouse_path, self.limits, read_only=True) as connection,
        ):
            identify_customers(
                self.lake, connection, policies, limits=self.limits, as_of_on=self.day, run_id=self.run_id, at=_AT
            )

    def _insight(self, policies: Policies) -> None:
        from orchestration.insight.limits import TrainingLimits
        from orchestration.insight.nightly import score_tonight, train_or_replay

        models = policies.models
        limits = TrainingLimits(
            label_window_days=models.label_window_days,
            minimum_history_days=models.minimum_history_days,
            minimum_training_rows=models.minimum_training_rows,
            minimum_positive_rows=models.minimum_positive_rows,
        )
        about = {"as_of_on": self.day, "run_id": self.run_id, "at": _AT}
        with (
            self._part("insight"),
            connect(self.settings.warehouse_path, self.limits, read_only=True) as connection,
        ):
            train_or_replay(
                self.lake, connection, limits=limits, retrain_after_days=models.retrain_after_days, **_any(about)
            )
            score_tonight(self.lake, connection, **_any(about))

    def _publish(self, policies: Policies, gate: Callable[[str], None]) -> None:
        from orchestration.publish.candidate import build_candidate, verify_candidate
        from orchestration.publish.swap import keep_last, swap

        serving = self.settings.serving_dir
        with self._part("publish"):
            built = build_candidate(
                warehouse=self.settings.warehouse_path, serving_dir=serving, build_id=self.run_id, limits=self.limits
            )
            verify_candidate(built, limits=self.limits)
        gate("serving")
        with self._part("publish"):
            swap(built, serving_dir=serving, as_of_on=self.day, published_at=_AT)
            keep_last(serving, policies.publishing.keep_last)
        close_night(self.lake, as_of_on=self.day, at=_AT)


def _any(facts: Mapping[str, Any]) -> Any:
    return facts


def _require_no_failure(step: Step, results: list[list[tuple[Any, ...]]]) -> None:
    failures = results[-1][0][0] if step.is_test and results else 0
    assert not failures, f"{step.name}: {failures} rows"


def _gates(night: _BareNight, contracts: Contracts, policies: Policies) -> Callable[[str], None]:
    """Return what runs a gate by its name, over the databases that the night's gates read."""
    from orchestration.quality.gates import declare_gates, run_gate
    from orchestration.quality.raw_views import create_raw_views

    scored = {name: table.schema for name, table in LAKE_TABLES.items() if table.writer == "insight"}
    specs = {gate.name: gate for gate in declare_gates(contracts)}
    warehouse = night.settings.warehouse_path

    def run(name: str) -> None:
        if not night.has_gates:
            return
        database, attached = warehouse, {}
        folder = night.lake.root / "gate"
        with night._part("gates"):  # noqa: SLF001 - of this module
            if name == "raw":
                database = folder / "lake.duckdb"
                with connect(database, night.limits, read_only=False) as connection:
                    create_raw_views(connection, night.lake, contracts, warehouse=warehouse)
            if name == "scores":
                database = _views(folder, night, scored)
                _copy_scored_customers(database, night)
            if name == "serving":
                database, attached = night.settings.serving_dir / "genome.next.duckdb", {"warehouse": warehouse}
            verdict = run_gate(
                specs[name],
                database=database,
                as_of_on=night.day,
                policy=policies.quality,
                limits=night.limits,
                attached=attached,
            )
            shutil.rmtree(folder, ignore_errors=True)
        refused = [fact.fact for fact in verdict.facts if not fact.is_passed and fact.is_blocking]
        assert not refused, f"gate {name} refused: {refused}"

    return run


def _views(folder: Path, night: _BareNight, tables: Mapping[str, pa.Schema]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "lake.duckdb"
    with connect(path, night.limits, read_only=False) as connection:
        create_views(connection, night.lake, tables)
    return path


def _copy_scored_customers(path: Path, night: _BareNight) -> None:
    query = "select customer_id, as_of_on from insight.feat_customers__365d"
    with connect(night.settings.warehouse_path, night.limits, read_only=True) as source:
        customers = source.sql(query).to_arrow_table()
    with connect(path, night.limits, read_only=False) as connection:
        connection.register("customers", customers)
        connection.execute("create schema insight")
        connection.execute("create table insight.feat_customers__365d as select * from customers")
