"""The purchase model and its scores as Dagster assets, with calibration and lift on the model's page."""

import dagster as dg

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.pictures import as_markdown_picture
from orchestration.foundation.policies import ModelsPolicy
from orchestration.foundation.previews import as_markdown
from orchestration.insight.limits import TrainingLimits
from orchestration.resources import LakeResource, NightResource, WarehouseResource

_MODEL = dg.AssetKey(["insight", "purchase_model"])
_SCORES = dg.AssetKey(["insight", "purchase_scores"])
_FEATURES = dg.AssetKey(["insight", "feat_customers__365d"])
_LABELS = dg.AssetKey(["insight", "int_purchase_labels"])
_OWNERS = ["team:data-science"]


def build_insight_assets(policy: ModelsPolicy) -> list[dg.AssetsDefinition]:
    """Return the model's asset, behind features and labels, and its scores' asset."""
    limits = TrainingLimits(
        label_window_days=policy.label_window_days,
        minimum_history_days=policy.minimum_history_days,
        minimum_training_rows=policy.minimum_training_rows,
        minimum_positive_rows=policy.minimum_positive_rows,
    )

    @dg.asset(
        key=_MODEL,
        deps=[_FEATURES, _LABELS],
        group_name="insight",
        owners=_OWNERS,
        kinds={"scikitlearn", "parquet"},
        description=LAKE_TABLES["insight/model_records"].grain,
    )
    def purchase_model(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        from orchestration.insight import nightly

        with warehouse.read() as connection:
            decided = nightly.train_or_replay(
                lake.open(),
                connection,
                as_of_on=night.day,
                limits=limits,
                retrain_after_days=policy.retrain_after_days,
                run_id=night.run_id,
                at=night.now(),
            )
        row = decided.row
        shown = {name: _shown(value) for name, value in row.items() if isinstance(value, str | int | float)}
        pictures = {name: dg.MetadataValue.md(as_markdown_picture(png)) for name, png in nightly.plots(row).items()}
        inputs = as_markdown(["input", "weight"], nightly.inputs_of(row))
        return dg.MaterializeResult(
            metadata={
                **pictures,
                "decision": decided.reason,
                **{name: value for name, value in shown.items() if name != "features_json"},
                "inputs": dg.MetadataValue.md(inputs),
                "dagster/row_count": len(lake.open().records("insight/model_records")),
            }
        )

    @dg.asset(
        key=_SCORES,
        deps=[_MODEL, _FEATURES],
        group_name="insight",
        owners=_OWNERS,
        kinds={"scikitlearn", "parquet"},
        description=LAKE_TABLES["insight/purchase_scores"].grain,
    )
    def purchase_scores(
        lake: LakeResource, warehouse: WarehouseResource, night: NightResource
    ) -> dg.MaterializeResult[None]:
        from orchestration.insight import nightly

        with warehouse.read() as connection:
            scores = nightly.score_tonight(
                lake.open(), connection, as_of_on=night.day, run_id=night.run_id, at=night.now()
            )
        shown = scores.slice(0, 5).to_pydict()
        preview = as_markdown(list(shown), list(zip(*shown.values(), strict=True)))
        return dg.MaterializeResult(
            metadata={"dagster/row_count": scores.num_rows, "preview": dg.MetadataValue.md(preview)}
        )

    return [purchase_model, purchase_scores]


def _shown(value: str | float) -> str | float:
    return round(value, 4) if isinstance(value, float) else value
