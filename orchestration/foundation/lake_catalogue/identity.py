"""Which records are one person, and what is known of each: the lake tables of `identity`."""

from orchestration.foundation.lake_catalogue.lake_table import (
    COUNT,
    DAY,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    TEXTS,
    LakeTable,
    schema,
)

TABLES = (
    LakeTable(
        "identity/customer_records",
        "identity",
        "One row per source record, with the customer it belongs to.",
        schema(
            {
                "record_id": TEXT,
                "customer_id": TEXT,
                "records_count": COUNT,
                "cluster_rule": TEXT,
                "cluster_record_id": TEXT,
                "component_record_id": TEXT,
                "exact_cluster_record_id": TEXT,
            }
        ),
    ),
    LakeTable(
        "identity/edges",
        "identity",
        "One row per pair of source records and rule that speaks for or against one person.",
        schema(
            {
                "record_id_left": TEXT,
                "record_id_right": TEXT,
                "edge_kind": TEXT,
                "rule": TEXT,
                "identifier_hash": TEXT,
                "priority": COUNT,
                "match_weight": NUMBER,
                "observed_on": DAY,
                "evidence_json": TEXT,
                "match_probability": NUMBER,
                "model_id": TEXT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/review_queue",
        "identity",
        "One row per edge that a guard cut, per identifier that was not allowed to link, and per decision in vain.",
        schema(
            {
                "guard": TEXT,
                "reason_code": TEXT,
                "record_id_left": TEXT,
                "record_id_right": TEXT,
                "rule": TEXT,
                "identifier_hash": TEXT,
                "match_weight": NUMBER,
                "records_count": COUNT,
                "evidence_json": TEXT,
                "as_of_on": DAY,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/link_decisions",
        "identity",
        "One row per decision about two source records that is in force.",
        schema(
            {
                "record_id_left": TEXT,
                "record_id_right": TEXT,
                "decision": TEXT,
                "reason": TEXT,
                "decided_by": TEXT,
                "decided_on": DAY,
            }
        ),
    ),
    LakeTable(
        "identity/attributes",
        "identity",
        "One row per source record and value, as a hash, by which guards keep people apart.",
        schema({"record_id": TEXT, "attribute_type": TEXT, "attribute_value": TEXT}),
    ),
    LakeTable(
        "identity/customer_records_history",
        "identity",
        "One row per source record and customer that it belonged to, with the nights.",
        schema({"record_id": TEXT, "customer_id": TEXT, "valid_from_on": DAY, "valid_to_on": DAY}),
        is_kept=True,
    ),
    LakeTable(
        "identity/customer_id_lineage",
        "identity",
        "One row per event in the life of a customer's id.",
        schema(
            {
                "as_of_on": DAY,
                "customer_id": TEXT,
                "event": TEXT,
                "other_customer_id": TEXT,
                "cause": TEXT,
                "records_count": COUNT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/customer_ids",
        "identity",
        "One row per customer id that was ever given, with the one that stands for it today.",
        schema({"customer_id": TEXT, "resolved_customer_id": TEXT}),
    ),
    LakeTable(
        "identity/golden_history",
        "identity",
        "One row per customer, attribute and night on which its chosen value changed.",
        schema(
            {
                "customer_id": TEXT,
                "attribute": TEXT,
                "value_hash": TEXT,
                "attribute_value": TEXT,
                "given_name": TEXT,
                "family_name": TEXT,
                "street": TEXT,
                "house_number": TEXT,
                "postcode": TEXT,
                "city": TEXT,
                "address_country_code": TEXT,
                "source": TEXT,
                "record_id": TEXT,
                "chosen_because": TEXT,
                "valid_from_at": INSTANT,
                "known_from_on": DAY,
                "is_known": FLAG,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/linkage_members",
        "identity",
        "One row per source record, with the equal record that stands for it when pairs are compared.",
        schema({"record_id": TEXT, "representative_id": TEXT, "content_hash": TEXT}),
    ),
    LakeTable(
        "identity/linkage_frame",
        "identity",
        "One row per source record that says who it is about, in the forms in which it is compared.",
        schema(
            {
                "record_id": TEXT,
                "row_hash": TEXT,
                "content_hash": TEXT,
                "source": TEXT,
                "given": TEXT,
                "family": TEXT,
                "full_name": TEXT,
                "name_key": TEXT,
                "name_tokens": TEXTS,
                "name_words": COUNT,
                "given_forms": TEXTS,
                "given_sound": TEXT,
                "family_sound": TEXT,
                "name_turned": TEXT,
                "birth_date": TEXT,
                "birth_year": TEXT,
                "birth_date_turned": TEXT,
                "email": TEXT,
                "email_key": TEXT,
                "email_local": TEXT,
                "phone": TEXT,
                "phone_tail": TEXT,
                "street": TEXT,
                "street_number": TEXT,
                "street_tokens": TEXTS,
                "street_key": TEXT,
                "street_words_key": TEXT,
                "city": TEXT,
                "postcode": TEXT,
                "postcode_area": TEXT,
                "postcode_region": TEXT,
                "country": TEXT,
                "gender": TEXT,
            }
        ),
    ),
    LakeTable(
        "identity/blocking_counts",
        "identity",
        "One row per blocking rule, with the pairs that it gave and the keys that it left out, or why it did not run.",
        schema(
            {
                "rule": TEXT,
                "pairs_count": COUNT,
                "keys_left_out_count": COUNT,
                "records_left_out_count": COUNT,
                "is_narrowed": FLAG,
                "refusal": TEXT,
            }
        ),
    ),
    LakeTable(
        "identity/blocking_keys_left_out",
        "identity",
        "One row per blocking rule and key, as a hash, that far too many records share for comparing all of them.",
        schema({"rule": TEXT, "block_key": TEXT}),
    ),
    LakeTable(
        "identity/models",
        "identity",
        "One row per linkage model that was trained, with its file, its reason and its seal.",
        schema(
            {
                "as_of_on": DAY,
                "model_id": TEXT,
                "trained_because": TEXT,
                "records_count": COUNT,
                "prior": NUMBER,
                "shares_json": TEXT,
                "model_path": TEXT,
                "model_sha256": TEXT,
                "_run_id": TEXT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/agreement",
        "identity",
        "One row per night and measure of the customers that it made, with the limit of the measure.",
        schema(
            {
                "as_of_on": DAY,
                "measure": TEXT,
                "subject": TEXT,
                "value": NUMBER,
                "limit_value": NUMBER,
                "reason_text": TEXT,
                "_run_id": TEXT,
            }
        ),
        is_kept=True,
    ),
    LakeTable(
        "identity/suspects",
        "identity",
        "One row per customer, or pair of customers, and reason to suspect that it is not one person, or is one.",
        schema(
            {
                "as_of_on": DAY,
                "suspect_type": TEXT,
                "reason_code": TEXT,
                "customer_id": TEXT,
                "other_customer_id": TEXT,
                "record_id_left": TEXT,
                "record_id_right": TEXT,
                "rule": TEXT,
                "match_weight": NUMBER,
                "records_count": COUNT,
            }
        ),
    ),
)
