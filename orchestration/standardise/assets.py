"""Standardised values as Dagster assets: each distinct raw value cleaned once, when it first arrives."""

from collections.abc import Iterator

import dagster as dg

from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.previews import as_markdown
from orchestration.resources import LakeResource, NightResource
from orchestration.standardise.nightly import standardise_new_values
from orchestration.standardise.values import KINDS


def build_standardise_assets(contracts: Contracts) -> list[dg.AssetsDefinition]:
    """Return the assets of all standardised kinds, behind every raw feed."""
    keys = {kind.name: dg.AssetKey(["standardise", kind.table.split("/")[-1]]) for kind in KINDS.values()}
    specs = [
        dg.AssetSpec(
            keys[kind.name],
            deps=[dg.AssetKey(["raw", feed.source, feed.name]) for feed in contracts.feeds()],
            description=LAKE_TABLES[kind.table].grain,
            group_name="standardise",
            owners=["team:data-platform"],
            kinds={"python", "parquet"},
        )
        for kind in KINDS.values()
    ]

    @dg.multi_asset(name="standardise_values", specs=specs)
    def standardise_values(lake: LakeResource, night: NightResource) -> Iterator[dg.MaterializeResult[None]]:
        reports = standardise_new_values(
            lake.open(), contracts.feeds(), as_of_on=night.day, run_id=night.run_id, at=night.now()
        )
        for report in reports:
            yield dg.MaterializeResult(
                asset_key=keys[report.kind],
                metadata={
                    "dagster/row_count": report.values_count,
                    "new_values": report.new_count,
                    "new_values_refused": report.refused_count,
                    "refused_by_reason": dg.MetadataValue.md(
                        as_markdown(["reason", "values"], sorted(report.refused_by_reason.items()))
                    ),
                },
            )

    return [standardise_values]
