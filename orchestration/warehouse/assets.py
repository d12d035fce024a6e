"""The pin of a night as a Dagster asset: which lake files dbt reads, fixed before dbt starts."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import pin_night
from orchestration.foundation.previews import as_markdown
from orchestration.resources import LakeResource, NightResource, WarehouseResource
from orchestration.warehouse import registrar
from orchestration.warehouse.dbt_models import PINNED_INPUTS


def build_warehouse_assets(inputs: Mapping[str, pa.Schema]) -> list[dg.AssetsDefinition]:
    """Return the asset that pins a night's inputs, behind everything that lands or standardises them."""

    @dg.asset(
        key=PINNED_INPUTS,
        deps=[_asset_key(table) for table in inputs],
        group_name="warehouse",
        owners=["team:data-platform"],
        kinds={"duckdb", "parquet"},
        description="One row per lake table that the night reads: the files that count, fixed before dbt starts.",
    )
    def pinned_inputs(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        opened = lake.open()
        pinned = pin_night(opened, inputs, as_of_on=night.day, run_id=night.run_id, at=night.now())
        anew = registrar.register_views(Path(warehouse.path), opened, inputs, limits=warehouse.limits, night=pinned)
        files = [(table, len(keys)) for table, keys in sorted(pinned.keys.items())]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(files),
                "as_of_on": night.day.isoformat(),
                "warehouse": f"built anew: {anew}" if anew else "built upon",
                "preview": dg.MetadataValue.md(as_markdown(["table", "files"], files)),
            }
        )

    return [pinned_inputs]


def _asset_key(table: str) -> dg.AssetKey:
    known = LAKE_TABLES.get(table)
    folders = table.split("/")
    return dg.AssetKey([known.writer, folders[-1]] if known and known.writer == "standardise" else folders)
