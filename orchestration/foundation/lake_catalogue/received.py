"""What came in and its cleaned values: the lake tables of `ingest` and `standardise`."""

from collections.abc import Mapping

import pyarrow as pa

from orchestration.foundation.lake_catalogue.lake_table import COUNT, DAY, FLAG, INSTANT, TEXT, LakeTable, schema


def _standardised(kind: str, grain: str, columns: Mapping[str, pa.DataType]) -> LakeTable:
    verdict: Mapping[str, pa.DataType] = {"is_valid": FLAG, "reason_code": TEXT, "is_repaired": FLAG}
    return LakeTable(f"standardised/{kind}", "standardise", grain, schema({**columns, **verdict}))


TABLES = (
    LakeTable(
        "ledger/files",
        "ingest",
        "One row per delivered file.",
        schema(
            {
                "source": TEXT,
                "feed": TEXT,
                "file_name": TEXT,
                "file_sha256": TEXT,
                "delivered_on": DAY,
                "file_bytes": COUNT,
                "file_fate": TEXT,
                "reason_code": TEXT,
                "reason_text": TEXT,
                "records_count": COUNT,
                "landed_count": COUNT,
                "quarantined_count": COUNT,
                "archive_path": TEXT,
                "_ingested_at": INSTANT,
                "_run_id": TEXT,
            }
        ),
    ),
    LakeTable(
        "quarantine/records",
        "ingest",
        "One row per record that had no shape when its file landed.",
        schema(
            {
                "_source": TEXT,
                "_feed": TEXT,
                "_file": TEXT,
                "_file_sha256": TEXT,
                "_row_number": COUNT,
                "line_number": COUNT,
                "byte_offset": COUNT,
                "record_bytes": pa.binary(),
                "reason_code": TEXT,
                "reason_text": TEXT,
                "_ingested_at": INSTANT,
                "_run_id": TEXT,
            }
        ),
    ),
    _standardised(
        "emails",
        "One row per distinct raw e-mail address.",
        {
            "email_raw": TEXT,
            "email_normalised": TEXT,
            "email_domain": TEXT,
            "suspect_reason_code": TEXT,
        },
    ),
    _standardised(
        "phones",
        "One row per distinct raw phone number and raw country.",
        {"phone_raw": TEXT, "country_raw": TEXT, "phone_e164": TEXT},
    ),
    _standardised(
        "names",
        "One row per distinct raw name.",
        {
            "name_raw": TEXT,
            "name_normalised": TEXT,
            "name_match_key": TEXT,
            "suspect_reason_code": TEXT,
        },
    ),
    _standardised(
        "countries",
        "One row per distinct raw country.",
        {"country_raw": TEXT, "country_code": TEXT},
    ),
)
