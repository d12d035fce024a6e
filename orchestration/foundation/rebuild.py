"""Making everything anew from what was received: what is checked first, what is removed, which night is run again.

Received are raw, quarantine and ledger. Kept as well is what no night could decide again: models and their records,
since a score is explained by the model that gave it, and the ids that nights gave to customers. All else is derived
and removed here; the night that builds it again is the job's matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import AS_RECEIVED, Lake, LakeFileDamaged, sha256_of
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import Night, last_night, write_night
from orchestration.foundation.warehouse_file import drop_warehouse

_MODELS = ("identity/models", "insight/model_records")
_SAID_ONCE = ("identity/customer_id_lineage", "identity/customer_records_history", "identity/golden_history")
"""What no file that was received could say again: which ids customers had, and what was known when."""
_MADE_BEFORE_DBT = "standardise"
_MADE_EVERY_NIGHT = "identity"


class RebuildImpossible(GenomeError):
    """Nothing can be built anew."""

    @classmethod
    def without_night(cls, lake_root: Path) -> "RebuildImpossible":
        """Return the error for a lake on which no night was ever run."""
        return cls(f"{lake_root} has no night to build anew. Run the first one: genome night. Nothing was removed.")

    @classmethod
    def from_damaged(cls, faults: Sequence[str]) -> "RebuildImpossible":
        """Return the error that lists every damaged file of what was received."""
        listed = "\n".join(f"  - {fault}" for fault in faults)
        return cls(f"what was received is damaged, and all else is made from it:\n{listed}\nNothing was removed.")

    @classmethod
    def from_damaged_memory(cls, faults: Sequence[str]) -> "RebuildImpossible":
        """Return the error that lists every damaged file of the ids and values that nights remember."""
        listed = "\n".join(f"  - {fault}" for fault in faults)
        return cls(
            f"what nights decided is damaged, and no file that was received could say it again:\n{listed}\n"
            "Restore these files from a backup. To give up all that they remember, old ids included, remove the "
            "table's folder and rebuild again. Nothing was removed."
        )


@dataclass(frozen=True)
class RebuildPlan:
    """What a rebuild starts from.

    Attributes:
        night: the last night, open again over the same received files.
        files_checked_count: lake files whose sha256 was checked.
        forgotten: damaged derived files that are not made again, each with its damage.
    """

    night: Night
    files_checked_count: int
    forgotten: tuple[str, ...]


def prepare_rebuild(lake: Lake, warehouse: Path) -> RebuildPlan:
    """Return the night to run again, after checking every file that was received and removing what is derived from it.

    Call it while holding the night's lock. When it is cut off, calling it again, or running the night, ends well.

    Args:
        lake: where received and derived tables are.
        warehouse: the database to remove.

    Raises:
        RebuildImpossible: there was no night yet, or a file is damaged that was received, or that remembers which ids
            customers had and what was known of them; nothing was removed.
        NightRecordDamaged: the last night's record cannot be read.
    """
    night = last_night(lake)
    if night is None:
        raise RebuildImpossible.without_night(lake.root)
    tables = lake.tables()
    received = [table for table in tables if table.split("/")[0] in AS_RECEIVED]
    checked, faults = 0, []
    for table in received:
        found, damages = _checked(lake, table)
        checked += found
        faults += [damage for _, damage in damages]
    if faults:
        raise RebuildImpossible.from_damaged(faults)
    remembered = [damage for table in _SAID_ONCE for _, damage in _checked(lake, table)[1]]
    if remembered:
        raise RebuildImpossible.from_damaged_memory(remembered)
    kept = {table: keys for table, keys in night.keys.items() if table.split("/")[0] in AS_RECEIVED}
    reopened = replace(night, keys=kept, closed_at=None)
    write_night(lake, reopened)
    fault_point("rebuild.after_reopen")
    drop_warehouse(warehouse)
    forgotten = []
    for table in (table for table in tables if table not in received):
        if _is_made_again(table):
            for key in lake.keys(table):
                lake.forget(table, key)
            continue
        found, damages = _checked(lake, table)
        checked += found
        for key, damage in damages:
            lake.forget(table, key)
            forgotten.append(damage)
    forgotten += _forget_models(lake)
    fault_point("rebuild.after_drop")
    return RebuildPlan(reopened, checked, tuple(forgotten))


def _is_made_again(table: str) -> bool:
    """Return whether the next night makes the table whole, whatever it held."""
    known = LAKE_TABLES.get(table)
    return known is not None and known.writer in (_MADE_BEFORE_DBT, _MADE_EVERY_NIGHT) and not known.is_kept


def _forget_models(lake: Lake) -> list[str]:
    """Return the damage of each model file that is not what its record names; the night trains anew in its place."""
    damages = []
    for table, key in [(name, key) for name in _MODELS for key in lake.keys(name)]:
        [path] = lake.paths(table, [key])
        for row in pq.read_table(path, columns=["model_path", "model_sha256"], partitioning=None).to_pylist():
            model = lake.root / (row["model_path"] or "")
            if row["model_path"] and (not model.is_file() or sha256_of(model) != row["model_sha256"]):
                lake.forget(table, key)
                damages.append(f"{model} is missing or has other bytes than were stored; a new model is trained")
    return damages


def _checked(lake: Lake, table: str) -> tuple[int, list[tuple[str, str]]]:
    """Return how many files of a table are whole, and each key that is not with its damage."""
    count, damages = 0, []
    for key in lake.keys(table):
        try:
            record = lake.record(table, key)
            if record is not None:
                lake.verify(record)
                count += len(record.files)
        except LakeFileDamaged as damage:
            damages.append((key, str(damage)))
    return count, damages
