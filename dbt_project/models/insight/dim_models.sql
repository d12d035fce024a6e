-- One row per model trained or withheld up to this night.
{{ config(tags=['block_serving'], contract={'enforced': true}) }}

select
    model_id,
    as_of_on,
    model_name,
    model_status,
    status_reason_code,
    status_reason,
    trained_rows_count,
    tested_rows_count,
    test_as_of_on,
    auc,
    auc_low,
    auc_high,
    baseline_auc,
    baseline_auc_low,
    baseline_auc_high,
    calibration_slope,
    calibration_slope_low,
    calibration_slope_high,
    permuted_auc,
    brier_score,
    base_rate_share,
    model_sha256,
    features_json,
    sklearn_version
from {{ source('insight', 'model_records') }}
where as_of_on <= {{ as_of_on() }}
