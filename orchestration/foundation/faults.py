"""Named points at which a test ends this process without warning, to prove that a night survives it there.

A point does nothing unless the environment arms it (`settings.armed_fault`), which only tests do. Children inherit
the environment, so the dbt child can be ended at its points too; hits are counted over a process and what it forks.
What has to hold after an end belongs to the tests in `tests/faults`.
"""

import mmap
import os
import signal
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from orchestration.foundation.settings import ArmedFault, armed_fault

_POINTS = {
    "lake_io.before_temporary_write": "a table's temporary Parquet file is about to be written",
    "lake_io.after_temporary_write": "it is written and not yet synced",
    "lake_io.before_rename": "it is synced and hashed",
    "lake_io.after_rename": "it has its final name and no record",
    "lake_io.before_manifest_record": "its folder is synced",
    "lake_io.after_manifest_record": "the commit is complete",
    "lake_io.before_fsync": "a file's bytes may not be durable",
    "lake_io.after_fsync": "a file's bytes are durable",
    "lake_io.before_folder_fsync": "a rename may not be durable",
    "lake_io.after_folder_fsync": "a rename is durable",
    "lake_io.before_bytes_write": "a small file's temporary is about to be written",
    "lake_io.after_bytes_write": "it is written and not yet synced",
    "lake_io.before_bytes_rename": "it is synced",
    "lake_io.after_bytes_rename": "it has its final name",
    "lake_io.before_move": "a file is about to change its folder",
    "lake_io.after_move": "it is in the new folder, which is not yet synced",
    "landing.after_receive": "a delivered file is copied and nothing of it is committed",
    "landing.after_raw": "its rows are committed, its quarantine is not",
    "landing.after_quarantine": "rows and quarantine are committed",
    "landing.after_archive": "the original is in the archive, the ledger does not know it",
    "landing.after_ledger": "the ledger knows it, the inbox still holds it",
    "landing.after_unlink": "the inbox no longer holds it",
    "landing.before_refused_ledger": "an entry that no feed claims is seen",
    "landing.after_refused_ledger": "its refusal is committed, it still lies in the inbox",
    "landing.after_refused_move": "it is out of the inbox",
    "standardise.before_kind": "a kind's new values are about to be looked for",
    "standardise.before_forgetting": "a kind's new values are committed, those by other rules not yet forgotten",
    "standardise.after_kind": "a kind's new values are committed",
    "night.after_lock": "the night's lock is held",
    "night.before_pin": "the inputs are known and not pinned",
    "night.after_pin": "the inputs are pinned",
    "night.before_close": "the build is published, the night is open",
    "night.after_close": "the night is closed",
    "views.before_first": "the warehouse is open, no view was made",
    "views.between": "a view was made",
    "views.after_last": "all views were made",
    "dbt_child.before_parse": "the dbt child has imported dbt",
    "dbt_child.before_command": "the dbt child has a command, its process is not forked",
    "dbt_child.before_model": "dbt is about to build a model or run a test",
    "dbt_child.after_model": "dbt has built a model or run a test",
    "dbt_child.before_statement": "dbt is about to send a statement",
    "dbt_child.after_statement": "dbt has the result of a statement",
    "dbt_child.after_command": "the command has ended, the night does not know",
    "dbt_block.before_version": "a block is built, its version is not recorded",
    "dbt_block.after_version": "its version is recorded",
    "identity.after_pairs": "pairs are compared, customers are not found",
    "identity.after_lineage": "the events of customers' ids are committed, the history of records is not",
    "identity.after_model": "a model is stored, the night's tables are not committed",
    "identity.after_clusters": "customers are found and not committed",
    "training.before_backtest": "rows are chosen, nothing is fitted",
    "training.after_backtest": "the backtest's pipeline is fitted and measured",
    "training.after_fit": "the champion is fitted and not stored",
    "training.after_store": "the champion is stored and has no record",
    "training.after_record": "the model's record is committed",
    "scores.before_commit": "scores are computed and not committed",
    "gate.before_verdict": "a gate's facts are checked, the verdict is not committed",
    "gate.after_verdict": "the verdict is committed, Dagster does not know it",
    "candidate.between_tables": "a table was copied into the next serving database",
    "candidate.before_record": "the next serving database is whole and has no record",
    "candidate.after_record": "it has its record",
    "swap.before_keep": "the candidate is verified again",
    "swap.after_keep": "the database shown so far has its second name",
    "swap.after_coming": "the record names the coming build",
    "swap.after_rename": "the coming build is shown, the record still calls it coming",
    "swap.after_shown": "the record names it as shown",
    "swap.after_forget": "the candidate is forgotten",
    "keep_last.after_unlink": "an old build is removed, the record still names it",
    "keep_last.after_record": "the record forgot it",
    "rebuild.after_reopen": "the night to rebuild is open again, nothing was removed",
    "rebuild.after_drop": "warehouse and derived tables are removed, nothing was built",
    "rollback.after_rename": "an earlier build is shown, the record calls it coming",
}


def fault_points() -> Mapping[str, str]:
    """Return every fault point by name, with what has and has not happened there."""
    return MappingProxyType(_POINTS)


def fault_point(name: str) -> None:
    """Pass, or end the process without warning when a test armed this point for this hit.

    Args:
        name: one of `fault_points`.
    """
    fault = _armed()
    if fault is not None and fault.name == name and _count_hit() == fault.hit:
        _end(fault.victim)


@cache
def _armed() -> ArmedFault | None:
    return armed_fault()


@cache
def _hits() -> mmap.mmap:
    """Return the counter, in memory that forked processes share."""
    return mmap.mmap(-1, 8)


def _count_hit() -> int:
    hits = _hits()
    count = int.from_bytes(hits[:8], "little") + 1
    hits[:8] = count.to_bytes(8, "little")
    return count


def _end(victim: str) -> None:
    """End the whole process group, only this process, or only the one that leads the group."""
    if victim == "group":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    else:
        os.kill(os.getpgrp() if victim == "leader" else os.getpid(), signal.SIGKILL)
