"""At which hits of which fault points a night is killed, and whom; which of them run by default."""

from tests.support.kills import Kill

# night, point, hit, victim
IN_FULL = (
    ("second", "dbt_child.before_statement", 120, "leader"),
    ("second", "dbt_child.after_statement", 60, "group"),
    ("first", "dbt_child.before_model", 45, "leader"),
    ("second", "dbt_child.after_model", 70, "group"),
    ("first", "dbt_child.before_statement", 250, "process"),
    ("second", "dbt_child.before_command", 3, "process"),
    ("second", "dbt_child.before_parse", 1, "leader"),
    ("second", "dbt_child.after_command", 2, "leader"),
    ("second", "dbt_block.before_version", 2, "group"),
    ("second", "dbt_block.after_version", 1, "leader"),
    ("first", "landing.after_raw", 1, "group"),
    ("first", "landing.after_quarantine", 2, "leader"),
    ("first", "landing.after_archive", 1, "group"),
    ("first", "landing.after_ledger", 2, "group"),
    ("second", "landing.after_unlink", 1, "leader"),
    ("first", "landing.before_refused_ledger", 1, "group"),
    ("first", "landing.after_refused_ledger", 1, "group"),
    ("second", "landing.after_refused_move", 1, "leader"),
    ("second", "landing.after_receive", 2, "group"),
    ("first", "training.before_backtest", 1, "group"),
    ("first", "training.after_backtest", 1, "leader"),
    ("first", "training.after_fit", 1, "group"),
    ("first", "training.after_store", 1, "group"),
    ("first", "training.after_record", 1, "leader"),
    ("second", "scores.before_commit", 1, "group"),
    ("second", "swap.before_keep", 1, "group"),
    ("second", "swap.after_keep", 1, "group"),
    ("second", "swap.after_coming", 1, "leader"),
    ("second", "swap.after_rename", 1, "group"),
    ("second", "swap.after_shown", 1, "group"),
    ("second", "swap.after_forget", 1, "leader"),
    ("first", "swap.after_coming", 1, "group"),
    ("second", "keep_last.after_unlink", 1, "group"),
    ("second", "keep_last.after_record", 1, "leader"),
    ("second", "candidate.between_tables", 2, "group"),
    ("second", "candidate.before_record", 1, "leader"),
    ("second", "candidate.after_record", 1, "group"),
    ("second", "night.after_lock", 1, "leader"),
    ("second", "night.before_pin", 1, "group"),
    ("second", "night.after_pin", 1, "leader"),
    ("second", "night.before_close", 1, "group"),
    ("second", "night.after_close", 1, "group"),
    ("second", "views.before_first", 5, "leader"),
    ("second", "views.between", 60, "group"),
    ("second", "views.after_last", 6, "leader"),
    ("first", "standardise.before_kind", 2, "group"),
    ("first", "standardise.before_forgetting", 2, "group"),
    ("first", "standardise.after_kind", 3, "leader"),
    ("second", "identity.after_pairs", 1, "leader"),
    ("second", "identity.after_clusters", 1, "group"),
    ("first", "identity.after_model", 1, "group"),
    ("second", "identity.after_lineage", 1, "leader"),
    ("second", "gate.before_verdict", 2, "leader"),
    ("second", "gate.after_verdict", 5, "group"),
    ("first", "lake_io.before_temporary_write", 3, "group"),
    ("first", "lake_io.after_temporary_write", 2, "group"),
    ("first", "lake_io.before_rename", 5, "leader"),
    ("first", "lake_io.after_rename", 1, "group"),
    ("second", "lake_io.before_manifest_record", 2, "group"),
    ("second", "lake_io.after_manifest_record", 6, "leader"),
    ("second", "lake_io.before_fsync", 9, "group"),
    ("second", "lake_io.after_fsync", 15, "leader"),
    ("second", "lake_io.before_folder_fsync", 12, "group"),
    ("second", "lake_io.after_folder_fsync", 20, "leader"),
    ("second", "lake_io.before_bytes_write", 8, "group"),
    ("second", "lake_io.after_bytes_write", 11, "leader"),
    ("first", "lake_io.before_bytes_rename", 4, "group"),
    ("first", "lake_io.after_bytes_rename", 7, "leader"),
    ("first", "lake_io.before_move", 2, "group"),
    ("second", "lake_io.after_move", 1, "leader"),
)

BY_DEFAULT = (
    "landing.after_archive",
    "dbt_child.before_statement",
    "training.after_store",
    "swap.after_rename",
)
"""The first of its name in the list above."""

ELSEWHERE = ("rebuild.after_reopen", "rebuild.after_drop", "rollback.after_rename")
"""Points that a night does not pass; `test_rebuild` kills there."""


def kills(*, in_full: bool) -> list[tuple[str, Kill]]:
    """Return the night and the kill of each case."""
    listed = [(night, Kill(victim, point, hit)) for night, point, hit, victim in IN_FULL]
    if in_full:
        return listed
    first: dict[str, tuple[str, Kill]] = {}
    for night, kill in listed:
        first.setdefault(kill.point, (night, kill))
    return [first[point] for point in BY_DEFAULT]
