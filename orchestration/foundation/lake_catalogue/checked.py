"""What was checked and what was removed: the lake tables of `quality` and `privacy`."""

from orchestration.foundation.lake_catalogue.lake_table import COUNT, DAY, FLAG, INSTANT, TEXT, LakeTable, schema

TABLES = (
    LakeTable(
        "quality/verdicts",
        "quality",
        "One row per fact that a gate checked, and night.",
        schema(
            {
                "as_of_on": DAY,
                "gate": TEXT,
                "table_name": TEXT,
                "fact": TEXT,
                "is_passed": FLAG,
                "is_blocking": FLAG,
                "observed_json": TEXT,
                "unexpected_count": COUNT,
                "checked_at": INSTANT,
                "_run_id": TEXT,
            }
        ),
    ),
    LakeTable(
        "privacy/removals",
        "privacy",
        "One row per thing that was removed when its stated time was over.",
        schema(
            {
                "removed_kind": TEXT,
                "removed_name": TEXT,
                "removed_bytes": COUNT,
                "reason_text": TEXT,
                "removed_at": INSTANT,
                "_run_id": TEXT,
            }
        ),
    ),
)
