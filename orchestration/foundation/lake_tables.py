"""The catalogue of the lake's tables that are not raw: grain, columns and writer; stages meet here.

Raw tables take their columns from the feed contracts (`contracts.raw_schema`). What fills a table is its stage.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

_TEXT = pa.string()
_COUNT = pa.int64()
_FLAG = pa.bool_()
_DAY = pa.date32()
_INSTANT = pa.timestamp("us")
_NUMBER = pa.float64()
_TEXTS = pa.list_(pa.string())


@dataclass(frozen=True)
class LakeTable:
    """One lake table.

    Attributes:
        name: its path below the lake's root.
        writer: the stage that alone writes it.
        grain: what one row is.
        schema: its columns.
        is_kept: whether it holds what nights decided and no later night could make again; a rebuild keeps it.
    """

    name: str
    writer: str
    grain: str
    schema: pa.Schema
    is_kept: bool = False


def _schema(columns: Mapping[str, pa.DataType]) -> pa.Schema:
    return pa.schema(columns)


def _standardised(kind: str, grain: str, columns: Mapping[str, pa.DataType]) -> LakeTable:
    verdict: Mapping[str, pa.DataType] = {"is_valid": _FLAG, "reason_code": _TEXT, "is_repaired": _FLAG}
    return LakeTable(f"standardised/{kind}", "standardise", grain, _schema({**columns, **verdict}))


_TABLES = (
    LakeTable(
        "ledger/files",
        "ingest",
        "One row per delivered file.",
        _schema(
            {
                "source": _TEXT,
                "feed": _TEXT,
                "file_name": _TEXT,
                "file_sha256": _TEXT,
                "delivered_on": _DAY,
                "file_bytes": _COUNT,
                "file_fate": _TEXT,
                "reason_code": _TEXT,
                "reason_text": _TEXT,
                "records_count": _COUNT,
                "landed_count": _COUNT,
                "quarantined_count": _COUNT,
                "archive_path": _TEXT,
                "_ingested_at": _INSTANT,
                "_run_id": _TEXT,
            }
        ),
    ),
    LakeTable(
        "quarantine/records",
        "ingest",
        "One row per record that had no shape when its file landed.",
        _schema(
            {
                "_source": _TEXT,
                "_feed": _TEXT,
                "_file": _TEXT,
                "_file_sha256": _TEXT,
                "_row_number": _COUNT,
                "line_number": _COUNT,
                "byte_offset": _COUNT,
                "record_bytes": pa.binary(),
                "reason_code": _TEXT,
                "reason_text": _TEXT,
                "_ingested_at": _INSTANT,
                "_run_id": _TEXT,
            }
        ),
    ),
    _standardised(
        "emails",
        "One row per distinct raw e-mail address.",
        {
            "email_raw": _TEXT,
            "email_normalised": _TEXT,
            "email_domain": _TEXT,
            "suspect_reason_code": _TEXT,
        },
    ),
    _standardised(
        "phones",
        "One row per distinct raw phone number and raw country.",
        {"phone_raw": _TEXT, "country_raw": _TEXT, "phone_e164": _TEXT},
    ),
    _standardised(
        "names",
        "One row per distinct raw name.",
        {
            "name_raw": _TEXT,
            "name_normalised": _TEXT,
            "name_match_key": _TEXT,
            "suspect_reason_code": _TEXT,
        },
    ),
    _standardised(
        "countries",
        "One row per distinct raw country.",
        {"country_raw": _TEXT, "country_code": _TEXT},
    ),
    LakeTable(
        "identity/customer_records",
        "identity",
        "One row per source record, with the customer it belongs to.",
        _schema(
            {
                "record_id": _TEXT,
                "customer_id": _TEXT,
                "records_count": _COUNT,
                "cluster_rule": _TEXT,
                "cluster_record_id": _TEXT,
                "component_record_id": _TEXT,
                "exact_cluster_record_id": _TEXT,
            }
        ),
    ),
    LakeTable(
        "identity/edges",
        "identity",
        "One row per pair of source records and rule that speaks for or against one person.",
        _schema(
            {
                "record_id_left": _TEXT,
                "record_id_right": _TEXT,
                "edge_kind": _TEXT,
                "rule": _TEXT,
                "identifier_hash": _TEXT,
                "priority": _COUNT,
                "match_weight": _NUMBER,
                "observed_on": _DAY,
                "evidence_json": _TEXT,
                "match_probability": _NUMBER,
                "model_id": _TEXT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/review_queue",
        "identity",
        "One row per edge that a guard cut, per identifier that was not allowed to link, and per decision in vain.",
        _schema(
            {
                "guard": _TEXT,
                "reason_code": _TEXT,
                "record_id_left": _TEXT,
                "record_id_right": _TEXT,
                "rule": _TEXT,
                "identifier_hash": _TEXT,
                "match_weight": _NUMBER,
                "records_count": _COUNT,
                "evidence_json": _TEXT,
                "as_of_on": _DAY,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/link_decisions",
        "identity",
        "One row per decision about two source records that is in force.",
        _schema(
            {
                "record_id_left": _TEXT,
                "record_id_right": _TEXT,
                "decision": _TEXT,
                "reason": _TEXT,
                "decided_by": _TEXT,
                "decided_on": _DAY,
            }
        ),
    ),
    LakeTable(
        "identity/attributes",
        "identity",
        "One row per source record and value, as a hash, by which guards keep people apart.",
        _schema({"record_id": _TEXT, "attribute_type": _TEXT, "attribute_value": _TEXT}),
    ),
    LakeTable(
        "identity/customer_records_history",
        "identity",
        "One row per source record and customer that it belonged to, with the nights.",
        _schema({"record_id": _TEXT, "customer_id": _TEXT, "valid_from_on": _DAY, "valid_to_on": _DAY}),
        is_kept=True,
    ),
    LakeTable(
        "identity/customer_id_lineage",
        "identity",
        "One row per event in the life of a customer's id.",
        _schema(
            {
                "as_of_on": _DAY,
                "customer_id": _TEXT,
                "event": _TEXT,
                "other_customer_id": _TEXT,
                "cause": _TEXT,
                "records_count": _COUNT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/customer_ids",
        "identity",
        "One row per customer id that was ever given, with the one that stands for it today.",
        _schema({"customer_id": _TEXT, "resolved_customer_id": _TEXT}),
    ),
    LakeTable(
        "identity/golden_history",
        "identity",
        "One row per customer, attribute and night on which its chosen value changed.",
        _schema(
            {
                "customer_id": _TEXT,
                "attribute": _TEXT,
                "value_hash": _TEXT,
                "attribute_value": _TEXT,
                "given_name": _TEXT,
                "family_name": _TEXT,
                "street": _TEXT,
                "house_number": _TEXT,
                "postcode": _TEXT,
                "city": _TEXT,
                "address_country_code": _TEXT,
                "source": _TEXT,
                "record_id": _TEXT,
                "chosen_because": _TEXT,
                "valid_from_at": _INSTANT,
                "known_from_on": _DAY,
                "is_known": _FLAG,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/linkage_members",
        "identity",
        "One row per source record, with the equal record that stands for it when pairs are compared.",
        _schema({"record_id": _TEXT, "representative_id": _TEXT, "content_hash": _TEXT}),
    ),
    LakeTable(
        "identity/linkage_frame",
        "identity",
        "One row per source record that says who it is about, in the forms in which it is compared.",
        _schema(
            {
                "record_id": _TEXT,
                "row_hash": _TEXT,
                "content_hash": _TEXT,
                "source": _TEXT,
                "given": _TEXT,
                "family": _TEXT,
                "full_name": _TEXT,
                "name_key": _TEXT,
                "name_tokens": _TEXTS,
                "name_words": _COUNT,
                "given_forms": _TEXTS,
                "given_sound": _TEXT,
                "family_sound": _TEXT,
                "name_turned": _TEXT,
                "birth_date": _TEXT,
                "birth_year": _TEXT,
                "birth_date_turned": _TEXT,
                "email": _TEXT,
                "email_key": _TEXT,
                "email_local": _TEXT,
                "phone": _TEXT,
                "phone_tail": _TEXT,
                "street": _TEXT,
                "street_number": _TEXT,
                "street_tokens": _TEXTS,
                "street_key": _TEXT,
                "street_words_key": _TEXT,
                "city": _TEXT,
                "postcode": _TEXT,
                "postcode_area": _TEXT,
                "postcode_region": _TEXT,
                "country": _TEXT,
                "gender": _TEXT,
            }
        ),
    ),
    LakeTable(
        "identity/blocking_counts",
        "identity",
        "One row per blocking rule, with the pairs that it gave and the keys that it left out, or why it did not run.",
        _schema(
            {
                "rule": _TEXT,
                "pairs_count": _COUNT,
                "keys_left_out_count": _COUNT,
                "records_left_out_count": _COUNT,
                "is_narrowed": _FLAG,
                "refusal": _TEXT,
            }
        ),
    ),
    LakeTable(
        "identity/blocking_keys_left_out",
        "identity",
        "One row per blocking rule and key, as a hash, that far too many records share for comparing all of them.",
        _schema({"rule": _TEXT, "block_key": _TEXT}),
    ),
    LakeTable(
        "identity/models",
        "identity",
        "One row per linkage model that was trained, with its file, its reason and its seal.",
        _schema(
            {
                "as_of_on": _DAY,
                "model_id": _TEXT,
                "trained_because": _TEXT,
                "records_count": _COUNT,
                "prior": _NUMBER,
                "shares_json": _TEXT,
                "model_path": _TEXT,
                "model_sha256": _TEXT,
                "_run_id": _TEXT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/agreement",
        "identity",
        "One row per night and measure of the customers that it made, with the limit of the measure.",
        _schema(
            {
                "as_of_on": _DAY,
                "measure": _TEXT,
                "subject": _TEXT,
                "value": _NUMBER,
                "limit_value": _NUMBER,
                "reason_text": _TEXT,
                "_run_id": _TEXT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/suspects",
        "identity",
        "One row per customer, or pair of customers, and reason to suspect that it is not one person, or is one.",
        _schema(
            {
                "as_of_on": _DAY,
                "suspect_type": _TEXT,
                "reason_code": _TEXT,
                "customer_id": _TEXT,
                "other_customer_id": _TEXT,
                "record_id_left": _TEXT,
                "record_id_right": _TEXT,
                "rule": _TEXT,
                "match_weight": _NUMBER,
                "records_count": _COUNT,
            }
        ),
    ),
    LakeTable(
        "insight/purchase_scores",
        "insight",
        "One row per customer and night that was scored.",
        _schema(
            {
                "customer_id": _TEXT,
                "as_of_on": _DAY,
                "model_id": _TEXT,
                "purchase_probability_next_90d": _NUMBER,
                "reasons_json": _TEXT,
            }
        ),
    ),
    LakeTable(
        "insight/model_records",
        "insight",
        "One row per model that was trained, or withheld with its reason.",
        _schema(
            {
                "as_of_on": _DAY,
                "model_id": _TEXT,
                "model_name": _TEXT,
                "model_status": _TEXT,
                "status_reason_code": _TEXT,
                "status_reason": _TEXT,
                "trained_rows_count": _COUNT,
                "tested_rows_count": _COUNT,
                "test_as_of_on": _DAY,
                "auc": _NUMBER,
                "auc_low": _NUMBER,
                "auc_high": _NUMBER,
                "baseline_auc": _NUMBER,
                "baseline_auc_low": _NUMBER,
                "baseline_auc_high": _NUMBER,
                "calibration_slope": _NUMBER,
                "calibration_slope_low": _NUMBER,
                "calibration_slope_high": _NUMBER,
                "permuted_auc": _NUMBER,
                "brier_score": _NUMBER,
                "base_rate_share": _NUMBER,
                "model_path": _TEXT,
                "model_sha256": _TEXT,
                "features_json": _TEXT,
                "sklearn_version": _TEXT,
                "_run_id": _TEXT,
                "trained_at": _INSTANT,
            }
        ),
    ),
    LakeTable(
        "profiles/columns",
        "profiles",
        "One row per column of a feed and night in which rows of the feed arrived.",
        _schema(
            {
                "as_of_on": _DAY,
                "source": _TEXT,
                "feed": _TEXT,
                "column_name": _TEXT,
                "pii": _TEXT,
                "value_kind": _TEXT,
                "files_count": _COUNT,
                "rows_count": _COUNT,
                "judged_count": _COUNT,
                "filled_count": _COUNT,
                "empty_share": _NUMBER,
                "distinct_count": _COUNT,
                "is_distinct_exact": _FLAG,
                "min_length": _COUNT,
                "max_length": _COUNT,
                "padded_share": _NUMBER,
                "patterns_count": _COUNT,
                "frequent_pattern": _TEXT,
                "frequent_pattern_share": _NUMBER,
                "integer_share": _NUMBER,
                "decimal_share": _NUMBER,
                "date_share": _NUMBER,
                "boolean_share": _NUMBER,
                "email_share": _NUMBER,
                "phone_share": _NUMBER,
                "uuid_share": _NUMBER,
                "json_share": _NUMBER,
                "categories_json": _TEXT,
                "_run_id": _TEXT,
            }
        ),
    ),
    LakeTable(
        "profiles/drift",
        "profiles",
        "One row per measure of a feed's column that changed since the last night in which rows of the feed arrived.",
        _schema(
            {
                "as_of_on": _DAY,
                "previous_on": _DAY,
                "source": _TEXT,
                "feed": _TEXT,
                "column_name": _TEXT,
                "reason_code": _TEXT,
                "measure": _TEXT,
                "previous_value": _NUMBER,
                "value": _NUMBER,
                "statistic": _NUMBER,
                "limit": _NUMBER,
                "reason_text": _TEXT,
                "_run_id": _TEXT,
            }
        ),
    ),
    LakeTable(
        "profiles/handling",
        "profiles",
        "One row per column that a contract states, with how it is handled and what its values look like.",
        _schema(
            {
                "source": _TEXT,
                "feed": _TEXT,
                "column_name": _TEXT,
                "column_type": _TEXT,
                "pii": _TEXT,
                "purpose": _TEXT,
                "retention_days": _COUNT,
                "is_key": _FLAG,
                "is_required": _FLAG,
                "standardised_as": _TEXT,
                "profiled_on": _DAY,
                "contradiction_code": _TEXT,
                "contradicting_column_name": _TEXT,
                "contradicting_share": _NUMBER,
            }
        ),
    ),
    LakeTable(
        "profiles/sketches",
        "profiles",
        "One row per kept hash of the values that a column of a feed ever held.",
        _schema({"source": _TEXT, "feed": _TEXT, "column_name": _TEXT, "value_hash": _COUNT}),
    ),
    LakeTable(
        "profiles/joins",
        "profiles",
        "One row per column of a feed whose values are found in a column of another feed, and that other column.",
        _schema(
            {
                "as_of_on": _DAY,
                "source": _TEXT,
                "feed": _TEXT,
                "column_name": _TEXT,
                "found_in_source": _TEXT,
                "found_in_feed": _TEXT,
                "found_in_column_name": _TEXT,
                "join_type": _TEXT,
                "distinct_count": _COUNT,
                "found_in_distinct_count": _COUNT,
                "compared_count": _COUNT,
                "shared_count": _COUNT,
                "containment_share": _NUMBER,
                "containment_low_share": _NUMBER,
                "containment_high_share": _NUMBER,
                "is_exact": _FLAG,
                "_run_id": _TEXT,
            }
        ),
    ),
    LakeTable(
        "quality/verdicts",
        "quality",
        "One row per fact that a gate checked, and night.",
        _schema(
            {
                "as_of_on": _DAY,
                "gate": _TEXT,
                "table_name": _TEXT,
                "fact": _TEXT,
                "is_passed": _FLAG,
                "is_blocking": _FLAG,
                "observed_json": _TEXT,
                "unexpected_count": _COUNT,
                "checked_at": _INSTANT,
                "_run_id": _TEXT,
            }
        ),
    ),
    LakeTable(
        "privacy/removals",
        "privacy",
        "One row per thing that was removed when its stated time was over.",
        _schema(
            {
                "removed_kind": _TEXT,
                "removed_name": _TEXT,
                "removed_bytes": _COUNT,
                "reason_text": _TEXT,
                "removed_at": _INSTANT,
                "_run_id": _TEXT,
            }
        ),
    ),
)

LAKE_TABLES: Mapping[str, LakeTable] = {table.name: table for table in _TABLES}
