"""Profiles of what arrived, its drift, and joins between feeds, as Dagster assets behind the raw gate."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.previews import as_markdown
from orchestration.foundation.profiles_policy import ProfilesPolicy
from orchestration.profiles.nightly.drift import DRIFT_TABLE
from orchestration.profiles.nightly.handling import HANDLING_TABLE, contradictions
from orchestration.profiles.nightly.joins import JOINS_TABLE
from orchestration.profiles.nightly.memory import COLUMNS_TABLE
from orchestration.profiles.nightly.night import ProfilesReport, profile_night
from orchestration.profiles.nightly.shown import DRIFT_SHOWN, HANDLING_SHOWN, JOINS_SHOWN, PROFILE_SHOWN, as_shown
from orchestration.profiles.nightly.sketches import SKETCHES_TABLE
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_ROWS_SHOWN = 40
_TABLES = (COLUMNS_TABLE, DRIFT_TABLE, HANDLING_TABLE, SKETCHES_TABLE, JOINS_TABLE)
_KEYS = {name: dg.AssetKey(name.split("/")) for name in _TABLES}
_DEPENDS_ON = {DRIFT_TABLE: (COLUMNS_TABLE,), HANDLING_TABLE: (COLUMNS_TABLE,), JOINS_TABLE: (SKETCHES_TABLE,)}
_HANDLED_SHOWN = {
    "table": "feed",
    "column_name": "column",
    "pii": "personal data",
    "purpose": "purpose",
    "retention_days": "files kept (days)",
}
NO_DRIFT = dg.AssetCheckSpec(
    name="no_column_changed",
    asset=_KEYS[DRIFT_TABLE],
    description="No column of a feed changed beyond chance and the policy's limits since the feed last arrived.",
)
NO_CONTRADICTION = dg.AssetCheckSpec(
    name="no_column_looks_more_personal_than_its_contract_says",
    asset=_KEYS[HANDLING_TABLE],
    description="No column that its contract calls free of personal data, or indirect, looks like names or addresses.",
)


def build_profiles_assets(contracts: Contracts, policy: ProfilesPolicy) -> list[dg.AssetsDefinition]:
    """Return the assets of the nightly profiles, behind every raw feed."""
    raw = [dg.AssetKey(["raw", feed.source, feed.name]) for feed in contracts.feeds()]
    specs = [
        dg.AssetSpec(
            key,
            deps=[_KEYS[table] for table in _DEPENDS_ON[name]] if name in _DEPENDS_ON else raw,
            description=LAKE_TABLES[name].grain,
            group_name="profiles",
            owners=["team:data-platform"],
            kinds={"duckdb", "parquet"},
        )
        for name, key in _KEYS.items()
    ]

    @dg.multi_asset(name="profile_feeds", specs=specs, check_specs=[NO_DRIFT, NO_CONTRADICTION])
    def profile_feeds(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        report = profile_night(
            lake.open(),
            contracts.feeds(),
            policy,
            as_of_on=night.day,
            run_id=night.run_id,
            at=night.now(),
            limits=warehouse.limits,
        )
        yield from _results(report)
        yield _drift_check(report)
        yield _handling_check(report)

    return [profile_feeds]


def _results(report: ProfilesReport) -> Iterator[dg.MaterializeResult[None]]:
    tables = (
        (COLUMNS_TABLE, report.columns, PROFILE_SHOWN),
        (DRIFT_TABLE, report.drift, DRIFT_SHOWN),
        (JOINS_TABLE, report.joins, JOINS_SHOWN),
        (HANDLING_TABLE, report.handling, _HANDLED_SHOWN),
    )
    yield dg.MaterializeResult(asset_key=_KEYS[SKETCHES_TABLE], metadata={"dagster/row_count": report.hashes_count})
    for name, table, titles in tables:
        yield dg.MaterializeResult(
            asset_key=_KEYS[name],
            metadata={"dagster/row_count": table.num_rows, "preview": _preview(table, titles)},
        )


def _drift_check(report: ProfilesReport) -> dg.AssetCheckResult:
    drift = report.drift
    reasons = drift.group_by("reason_code", use_threads=False).aggregate([([], "count_all")]).to_pylist()
    return dg.AssetCheckResult(
        check_name=NO_DRIFT.name,
        asset_key=_KEYS[DRIFT_TABLE],
        passed=drift.num_rows == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "feeds_compared": report.compared_feeds_count,
            "changes": drift.num_rows,
            **{reason["reason_code"]: reason["count_all"] for reason in reasons},
            "preview": _preview(drift, DRIFT_SHOWN),
        },
    )


def _handling_check(report: ProfilesReport) -> dg.AssetCheckResult:
    found = contradictions(report.handling)
    return dg.AssetCheckResult(
        check_name=NO_CONTRADICTION.name,
        asset_key=_KEYS[HANDLING_TABLE],
        passed=found.num_rows == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "columns_stated": report.handling.num_rows,
            "contradictions": found.num_rows,
            "preview": _preview(found, HANDLING_SHOWN),
        },
    )


def _preview(table: pa.Table, titles: Mapping[str, str]) -> dg.MetadataValue[Any]:
    return dg.MetadataValue.md(
        as_markdown(list(titles.values()), as_shown(table.slice(0, _ROWS_SHOWN).to_pylist(), titles))
    )
