"""The six gates as Dagster asset checks: one step a gate, one blocking check a fact."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import dagster as dg
import pyarrow as pa

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.quality_policy import QualityPolicy
from orchestration.quality.declarations import FactSpec, GateSpec
from orchestration.quality.gates import declare_gates, run_gate
from orchestration.quality.verdicts import VERDICTS_TABLE, FactVerdict, to_table
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_Opened: TypeAlias = tuple[Path, Mapping[str, Path]]
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
            blocking=True,
        )
        for fact in gate.facts
    ]

    @dg.multi_asset_check(name=f"gate_{gate.name}", specs=specs, description=gate.description)
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
        opened.write_table(VERDICTS_TABLE, key, table, run_id=night.run_id, written_at=at)
        for spec, fact in zip(gate.facts, verdict.facts, strict=True):
            yield _result(_check_name(spec, gate), dg.AssetKey(spec.asset_key), fact)

    return run


def _check_name(fact: FactSpec, gate: GateSpec) -> str:
    twins = [other for other in gate.facts if (other.asset_key, other.fact) == (fact.asset_key, fact.fact)]
    return fact.fact if len(twins) == 1 else f"{fact.table.split('.')[-1]}_{fact.fact}"


def _result(name: str, key: dg.AssetKey, fact: FactVerdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=key,
        passed=fact.is_passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=fact.description,
        metadata={
            "observed": dg.MetadataValue.json(dict(fact.observed)),
            "unexpected_count": fact.unexpected_count,
        },
    )


def _databases(gate: str, contracts: Contracts, serving_dir: Path) -> _Databases:
    landed = {name: table.schema for name, table in LAKE_TABLES.items() if table.writer == "ingest"}
    scored = {name: table.schema for name, table in LAKE_TABLES.items() if table.writer == "insight"}

    @contextmanager
    def raw(lake: LakeResource, warehouse: WarehouseResource) -> Iterator[_Opened]:
        tables = {**contracts.raw_schemas(), **landed}
        with _views(lake.open(), tables, warehouse.limits) as path:
            yield path, {}

    @contextmanager
    def scores(lake: LakeResource, warehouse: WarehouseResource) -> Iterator[_Opened]:
        with _views(lake.open(), scored, warehouse.limits) as path:
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
def _views(lake: Lake, tables: Mapping[str, pa.Schema], limits: DuckdbLimits) -> Iterator[Path]:
    with TemporaryDirectory(prefix="genome-gate-") as folder:
        path = Path(folder) / "lake.duckdb"
        with connect(path, limits, read_only=False) as connection:
            create_views(connection, lake, tables)
        yield path


def _copy_scored_customers(path: Path, warehouse: WarehouseResource) -> None:
    with warehouse.read() as source:
        customers = source.sql("select customer_id, as_of_on from insight.feat_customers__365d").to_arrow_table()
    with connect(path, warehouse.limits, read_only=False) as connection:
        connection.register("customers", customers)
        connection.execute("create schema insight")
        connection.execute("create table insight.feat_customers__365d as select * from customers")
