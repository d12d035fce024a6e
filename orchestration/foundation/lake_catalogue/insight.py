"""What models say of customers: the lake tables of `insight`."""

from orchestration.foundation.lake_catalogue.lake_table import COUNT, DAY, INSTANT, NUMBER, TEXT, LakeTable, schema

TABLES = (
    LakeTable(
        "insight/purchase_scores",
        "insight",
        "One row per customer and night that was scored.",
        schema(
            {
                "customer_id": TEXT,
                "as_of_on": DAY,
                "model_id": TEXT,
                "purchase_probability_next_90d": NUMBER,
                "reasons_json": TEXT,
            }
        ),
    ),
    LakeTable(
        "insight/model_records",
        "insight",
        "One row per model that was trained, or withheld with its reason.",
        schema(
            {
                "as_of_on": DAY,
                "model_id": TEXT,
                "model_name": TEXT,
                "model_status": TEXT,
                "status_reason_code": TEXT,
                "status_reason": TEXT,
                "trained_rows_count": COUNT,
                "tested_rows_count": COUNT,
                "test_as_of_on": DAY,
                "auc": NUMBER,
                "auc_low": NUMBER,
                "auc_high": NUMBER,
                "baseline_auc": NUMBER,
                "baseline_auc_low": NUMBER,
                "baseline_auc_high": NUMBER,
                "calibration_slope": NUMBER,
                "calibration_slope_low": NUMBER,
                "calibration_slope_high": NUMBER,
                "permuted_auc": NUMBER,
                "brier_score": NUMBER,
                "base_rate_share": NUMBER,
                "model_path": TEXT,
                "model_sha256": TEXT,
                "features_json": TEXT,
                "sklearn_version": TEXT,
                "_run_id": TEXT,
                "trained_at": INSTANT,
            }
        ),
    ),
)
