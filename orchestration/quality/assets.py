"""The six gates as Dagster asset checks: one step a gate, one check a fact, blocking unless its breach only warns."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import dagster as dg

from orchestration.foundation.connections import connect
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.quality_policy import QualityPolicy
from orchestration.quality.declarations import FactSpec, GateSpec
from orchestration.quality.gates import declare_gates, run_gate
from orchestration.quality.raw_views import create_raw_views
from orchestration.quality.verdicts import VERDICTS_TABLE, FactVerdict, to_table
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_Opened: TypeAlias = tuple[Path, Mapping[str, Path]]
# What the next stage reads of a gate's layer beside the tables that facts are about; it waits for the gate as well.
_READ_BEHIND = {
    "staging": (
        dg.AssetKey(["identity", "int_identity_records"]),
        dg.AssetKey(["identity", "int_identifiers_observed"]),
    )
}
_Databases: TypeAlias = Callable[[LakeResource, WarehouseResource], AbstractContextManager[_Opened]]


def build_gates(contracts: Contracts, policy: QualityPolicy, *, serving_dir: Path) -> list[dg.AssetChecksDefinition]:
    """Return the gates in the order in which a night passes them."""
    return [_gate(gate, _databases(gate.name, contracts, serving_dir), policy) for gate in declare_gates(contracts)]


def _gate(gate: GateSpec, databases: _Databases, policy: QualityPolicy) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(
            name=_check_name(fact, gate),
            asset=dg.AssetKey(fact.asset_key),
            description=fact.description,
            blocking=fact.is_blocking,
        )
        for fact in gate.facts
    ]
    boundary = [
        dg.AssetCheckSpec(
            name=f"{gate.name}_gate_is_passed",
            asset=key,
            description=f"Every fact of the {gate.name} gate holds that stops the night; until then nobody reads this.",
            blocking=True,
        )
        for key in _READ_BEHIND.get(gate.name, ())
    ]

    @dg.multi_asset_check(name=f"gate_{gate.name}", specs=[*specs, *boundary], description=gate.description)
    def run(lake: LakeResource, warehouse: WarehouseResource, night: NightResource) -> Iterator[dg.AssetCheckResult]:
        opened = lake.open()
        with databases(lake, warehouse) as (database, attached):
            verdict = run_gate(
                gate,
                database=database,
                as_of_on=night.day,
                policy=policy,
                limits=warehouse.limits,
                attached=attached,
            )
        at = night.now()
        table = to_table(verdict, as_of_on=night.day, checked_at=at, run_id=night.run_id)
        key = f"{night.day.isoformat()}-{gate.name}"
        fault_point("gate.before_verdict")
        opened.write_table(VERDICTS_TABLE, key, table, run_id=night.run_id, written_at=at)
        fault_point("gate.after_verdict")
        for spec, fact in zip(gate.facts, verdict.facts, strict=True):
            yield _result(_check_name(spec, gate), dg.AssetKey(spec.asset_key), fact)
        for behind in boundary:
            yield dg.AssetCheckResult(check_name=behind.name, asset_key=behind.asset_key, passed=verdict.is_passed)

    return run


def _check_name(fact: FactSpec, gate: GateSpec) -> str:
    twins = [other for other in gate.facts if (other.asset_key, other.fact) == (fact.asset_key, fact.fact)]
    return fact.fact if len(twins) == 1 else f"{fact.table.split('.')[-1]}_{fact.fact}"


def _result(name: str, key: dg.AssetKey, fact: FactVerdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=key,
        passed=fact.is_passed,
        severity=dg.AssetCheckSeverity.ERROR if fact.is_blocking else dg.AssetCheckSeverity.WARN,
        description=fact.description,
        metadata={
            "observed": dg.MetadataValue.json(dict(fact.observed)),
            "unexpected_count": fact.unexpected_count,
            **{name: _told(name, value) for name, value in fact.measured.items()},
        },
    )


def _told(name: str, value: float) -> float | str:
    # As text, since the page plots numbers and a limit is the same every night.
    return f"{value:g}" if name == "limit" else value


def _databases(gate: str, contracts: Contracts, serving_dir: Path) -> _Databases:
    scored = {name: table.schema for name, table in LAKE_TABLES.items() if table.writer == "insight"}

    @contextmanager
    def raw(lake: LakeResource, warehouse: WarehouseResource) -> Iterator[_Opened]:
        with _empty_database() as path:
            with connect(path, warehouse.limits, read_only=False) as connection:
                create_raw_views(connection, lake.open(), contracts, warehouse=Path(warehouse.path))
            yield path, {}

    @contextmanager
    def scores(lake: LakeResource, warehouse: WarehouseResource) -> Iterator[_Opened]:
        with _empty_database() as path:
            with connect(path, warehouse.limits, read_only=False) as connection:
                create_views(connection, lake.open(), scored)
            _copy_scored_customers(path, warehouse)
            yield path, {}

    @contextmanager
    def serving(lake: LakeResource, warehouse: WarehouseResource) -> Iterator[_Opened]:
        del lake
        yield serving_dir / "genome.next.duckdb", {"warehouse": Path(warehouse.path)}

    @contextmanager
    def dbt_made(lake: LakeResource, warehouse: WarehouseResource) -> Iterator[_Opened]:
        del lake
        yield Path(warehouse.path), {}

    return {"raw": raw, "scores": scores, "serving": serving}.get(gate, dbt_made)


@contextmanager
def _empty_database() -> Iterator[Path]:
    with TemporaryDirectory(prefix="genome-gate-") as folder:
        yield Path(folder) / "lake.duckdb"


def _copy_scored_customers(path: Path, warehouse: WarehouseResource) -> None:
    with warehouse.read() as source:
        customers = source.sql("select customer_id, as_of_on from insight.feat_customers__365d").to_arrow_table()
    with connect(path, warehouse.limits, read_only=False) as connection:
        connection.register("customers", customers)
        connection.execute("create schema insight")
        connection.execute("create table insight.feat_customers__365d as select * from customers")
