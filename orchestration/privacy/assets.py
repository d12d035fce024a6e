"""The removal of what is past its stated time, as a Dagster asset at the end of the night."""

from datetime import timedelta
from pathlib import Path

import dagster as dg

from orchestration import runs
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.operations_policy import RetentionPolicy
from orchestration.foundation.previews import as_markdown
from orchestration.privacy.retention import REMOVALS_TABLE, Places, Removal, as_table, by_kind, remove_expired
from orchestration.resources import LakeResource, NightResource

REMOVALS = dg.AssetKey(REMOVALS_TABLE.split("/"))
_PUBLISHED = dg.AssetKey(["publish", "serving_database"])


def build_privacy_assets(
    policy: RetentionPolicy, contracts: Contracts, *, dbt_target_dir: Path, dagster_home: Path
) -> list[dg.AssetsDefinition]:
    """Return the asset that removes what is past its time, behind the published database."""

    @dg.asset(
        key=REMOVALS,
        deps=[_PUBLISHED],
        group_name="privacy",
        owners=["team:data-platform"],
        kinds={"parquet"},
        description="One row per removed thing: delivered files, run logs and leftovers past their stated time.",
    )
    def removals(
        context: dg.AssetExecutionContext, lake: LakeResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        opened, at = lake.open(), night.now()
        files = remove_expired(Places(opened, dbt_target_dir, night.timezone), contracts, policy, at=at)
        old = runs.remove_old_runs(
            context.instance,
            home=dagster_home,
            before=at - timedelta(days=policy.run_log_days),
            at_most=policy.removals_at_most,
        )
        reason = f"older than {policy.run_log_days} days"
        gone = (*files, *(Removal("run log", run_id, size, reason) for run_id, size in old))
        table = as_table(gone, removed_at=at, run_id=night.run_id)
        if gone:
            opened.write_table(REMOVALS_TABLE, night.run_id, table, run_id=night.run_id, written_at=at)
        counted = by_kind(gone)
        context.log.info("removed %s", counted or "nothing")
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": table.num_rows,
                "bytes": sum(removal.bytes for removal in gone),
                "preview": dg.MetadataValue.md(as_markdown(["kind", "things", "bytes"], counted)),
            }
        )

    return [removals]
