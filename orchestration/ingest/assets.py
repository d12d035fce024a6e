"""Landing as Dagster assets: the inbox's files become raw tables, the quarantine and the ledger, in one step."""

import re
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from orchestration.foundation.contracts import PROVENANCE, Contracts, FeedContract
from orchestration.foundation.lake_io import Lake, create_views, view_name
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.previews import TablePreview, preview
from orchestration.ingest.landing import LandingReport
from orchestration.ingest.ledger import LEDGER_TABLE
from orchestration.ingest.nightly import land_everything
from orchestration.ingest.quarantine import QUARANTINE_TABLE
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_OWNERS = ["team:data-platform"]
_HIDDEN_IN_QUARANTINE = ("record_bytes", "_run_id")


def build_ingest_assets(contracts: Contracts) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Return the declared feeds, which vendors deliver, and the assets that landing makes of them."""
    deliveries = [_delivery(feed, owners=_owners(contracts, feed)) for feed in contracts.feeds()]
    arrivals = [spec.key for spec in deliveries]
    tables = [_raw(feed, owners=_owners(contracts, feed)) for feed in contracts.feeds()]

    @dg.multi_asset(name="land_inbox", specs=[*tables, _ledger(arrivals), _quarantine(arrivals)])
    def land_inbox(
        context: dg.AssetExecutionContext, lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        opened = lake.open()
        reports = land_everything(
            opened,
            contracts,
            run_id=night.run_id,
            ingested_at=night.now(),
            timezone=night.timezone,
            limits=warehouse.limits,
        )
        for table, report in reports.items():
            for refused in report.refused:
                context.log.warning(refused.reason_text)
            for drifted in report.drifted_cells:
                context.log.warning("cells of %s not as agreed: %s", table, drifted)
        yield from _results(opened, contracts, reports)

    return [*deliveries, land_inbox]


def _owners(contracts: Contracts, feed: FeedContract) -> list[str]:
    """Return who owns a feed by its contract, as Dagster writes it: an address, or a team's name."""
    owner = contracts[feed.source].owner
    return [owner if "@" in owner else f"team:{re.sub(r'[^A-Za-z0-9_-]+', '-', owner)}"]


def _agreed(feed: FeedContract) -> dict[str, str | int]:
    late = feed.freshness_days
    return {
        "contract": f"lake/contracts/{feed.source}.yml",
        "format": feed.format,
        "delivery": feed.delivery,
        "late": f"after {late} days without a file" if late else "never",
        "refused_file": "stops the night" if feed.on_refused_file == "stop" else "warns",
        "kept_days": feed.retention_days,
    }


def _columns(feed: FeedContract) -> dg.TableSchema:
    """Return a raw table's columns as the page shows them: text as received, then where each row came from."""
    received = [
        dg.TableColumn(
            name,
            type="text",
            description=f"{column.description} Agreed as {column.type}, for: {column.purpose}.",
            constraints=dg.TableColumnConstraints(other=["required"] if column.required else []),
            tags={} if column.pii == "none" else {"pii": column.pii},
        )
        for name, column in feed.columns.items()
    ]
    provenance = [dg.TableColumn(name, type=str(kind), description=text) for name, (kind, text) in PROVENANCE.items()]
    return dg.TableSchema([*received, *provenance])


def _delivery(feed: FeedContract, *, owners: list[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(["inbox", feed.source, feed.name]),
        description=f"One row per file that {feed.source} delivers as `{feed.file_pattern}` in `inbox/{feed.source}/`.",
        metadata=_agreed(feed),
        group_name="inbox",
        owners=owners,
        kinds={"file"},
    )


def _raw(feed: FeedContract, *, owners: list[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(feed.table.split("/")),
        deps=[dg.AssetKey(["inbox", feed.source, feed.name])],
        description=feed.description,
        metadata={"dagster/column_schema": _columns(feed)},
        group_name="raw",
        owners=owners,
        kinds={"parquet"},
    )


def _ledger(arrivals: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(LEDGER_TABLE.split("/")),
        deps=arrivals,
        description=LAKE_TABLES[LEDGER_TABLE].grain,
        group_name="ledger",
        owners=_OWNERS,
        kinds={"parquet"},
    )


def _quarantine(arrivals: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(QUARANTINE_TABLE.split("/")),
        deps=arrivals,
        description=LAKE_TABLES[QUARANTINE_TABLE].grain,
        group_name="quarantine",
        owners=_OWNERS,
        kinds={"parquet"},
    )


def _results(
    lake: Lake, contracts: Contracts, reports: dict[str, LandingReport]
) -> Iterator[dg.MaterializeResult[None]]:
    tables = {
        **contracts.raw_schemas(),
        **{name: LAKE_TABLES[name].schema for name in (LEDGER_TABLE, QUARANTINE_TABLE)},
    }
    with duckdb.connect() as connection:
        create_views(connection, lake, tables)
        for feed in contracts.feeds():
            personal = [name for name, column in feed.columns.items() if column.pii != "none"]
            shown = preview(connection, *view_name(feed.table), hidden=[*personal, "_extras"])
            yield _result(feed.table, shown, reports[feed.table])
        for table, hidden in ((LEDGER_TABLE, ("reason_text",)), (QUARANTINE_TABLE, _HIDDEN_IN_QUARANTINE)):
            yield _result(table, preview(connection, *view_name(table), hidden=hidden))


def _result(table: str, shown: TablePreview, report: LandingReport | None = None) -> dg.MaterializeResult[None]:
    facts: dict[str, dg.MetadataValue[Any]] = {
        "dagster/row_count": dg.MetadataValue.int(shown.rows),
        "preview": dg.MetadataValue.md(shown.markdown),
    }
    if report is not None:
        unknown = ", ".join(report.unknown_columns) or "none"
        facts |= {
            "files": dg.MetadataValue.int(len(report.files)),
            "files_refused": dg.MetadataValue.int(len(report.refused)),
            "rows_landed": dg.MetadataValue.int(report.landed_count),
            "records_quarantined": dg.MetadataValue.int(report.quarantined_count),
            "columns_not_in_contract": dg.MetadataValue.text(unknown),
            "cells_not_as_agreed": dg.MetadataValue.text("; ".join(report.drifted_cells) or "none"),
        }
    return dg.MaterializeResult(asset_key=dg.AssetKey(table.split("/")), metadata=facts)
