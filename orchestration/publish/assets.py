"""The serving database as Dagster assets: built aside, gated, verified, then swapped in."""

from pathlib import Path

import dagster as dg

from orchestration.foundation.night import close_night
from orchestration.foundation.policies import PublishingPolicy
from orchestration.foundation.previews import as_markdown
from orchestration.foundation.secret_keys import secret_key
from orchestration.foundation.warehouse_file import seal_warehouse
from orchestration.publish.candidate import build_candidate, read_candidate, verify_candidate
from orchestration.publish.lookup import build_lookup
from orchestration.publish.swap import keep_last, swap
from orchestration.resources import LakeResource, NightResource, WarehouseResource

CANDIDATE = dg.AssetKey(["publish", "serving_candidate"])
DATABASE = dg.AssetKey(["publish", "serving_database"])


def build_publish_assets(
    policy: PublishingPolicy, *, serving_dir: Path, marts: list[dg.AssetKey], last_night: dg.FreshnessPolicy
) -> list[dg.AssetsDefinition]:
    """Return the candidate's asset, behind every mart, and the published database's asset behind the candidate.

    Args:
        policy: how many builds are kept.
        serving_dir: the folder of the published databases.
        marts: the tables that are published.
        last_night: by when a published database must be of the last night, or shows as overdue.
    """

    @dg.asset(
        key=CANDIDATE,
        deps=marts,
        group_name="publish",
        owners=["team:data-platform"],
        kinds={"duckdb"},
        description="One row per published table: the next serving database, built aside and not yet shown.",
    )
    def serving_candidate(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        built = build_candidate(
            warehouse=Path(warehouse.path),
            serving_dir=serving_dir,
            build_id=night.run_id,
            limits=warehouse.limits,
        )
        verify_candidate(built, limits=warehouse.limits)
        identifiers_count = build_lookup(
            warehouse=Path(warehouse.path),
            serving_dir=serving_dir,
            build_id=built.build_id,
            key=secret_key(lake.open(), "lookup_key"),
            limits=warehouse.limits,
        )
        rows = [(table.name, table.rows_count) for table in built.tables]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(rows),
                "build_id": built.build_id,
                "identifiers_looked_up": identifiers_count,
                "preview": dg.MetadataValue.md(as_markdown(["table", "rows"], rows)),
            }
        )

    @dg.asset(
        key=DATABASE,
        deps=[CANDIDATE],
        group_name="publish",
        owners=["team:data-platform"],
        kinds={"duckdb"},
        description="One row per published table: the database that BI reads, swapped in behind every gate.",
        freshness_policy=last_night,
    )
    def serving_database(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        candidate = read_candidate(serving_dir)
        verify_candidate(candidate, limits=warehouse.limits)
        shown = swap(candidate, serving_dir=serving_dir, as_of_on=night.day, published_at=night.now())
        kept = keep_last(serving_dir, policy.keep_last)
        seal_warehouse(Path(warehouse.path))
        close_night(lake.open(), as_of_on=night.day, at=night.now())
        rows = [(table.name, table.rows_count) for table in shown.tables]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(rows),
                "build_id": shown.build_id,
                "sha256": shown.sha256,
                "bytes": shown.bytes,
                "builds_kept": len(kept),
                "preview": dg.MetadataValue.md(as_markdown(["table", "rows"], rows)),
            }
        )

    return [serving_candidate, serving_database]
