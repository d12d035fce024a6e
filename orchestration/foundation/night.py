"""One night at a time: its lock, the pin of what it reads, and its end, in `nights/<as_of_on>.json`.

The lock is a kernel lock on an open file, so it ends with its last holder, however that ends; a dbt child inherits
the descriptor and holds it when its parent is killed. A second lock, which no child inherits, tells a night at work
from such an orphan: the one refuses the next night, the other is waited for. The pin is written before dbt starts: a
night that was cut off is run again over the same manifest keys, so its result is that of the uninterrupted one.
"""

import fcntl
import json
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import AS_RECEIVED, Json, Lake, checksum_of, write_bytes_atomically

_LOOK_EVERY_SECONDS = 0.1
_LONGEST_HOLDER_BYTES = 1_000


class NightAlreadyRunning(GenomeError):
    """Another process holds the night's lock."""

    @classmethod
    def held_by(cls, holder: str) -> "NightAlreadyRunning":
        """Return the error that names the lock's holder."""
        return cls(
            f"another night is at work ({holder}). One night runs at a time; wait until it ends, or end its process, "
            "and run again. Nothing was read or written."
        )


class NightRecordDamaged(GenomeError):
    """A night's record that cannot be read."""

    @classmethod
    def at(cls, path: Path, what: str) -> "NightRecordDamaged":
        """Return the error for the record at `path`."""
        return cls(f"{path} is no night record ({what}). Remove it and run the night again: it pins its inputs anew.")


class NightOutOfOrder(GenomeError):
    """A night before one that has published."""

    @classmethod
    def before(cls, as_of_on: date, published: Sequence[date]) -> "NightOutOfOrder":
        """Return the error for a night and the later ones that have published, latest last."""
        return cls(
            f"the night of {as_of_on} comes before nights that have published: {some_of(map(str, published))}. Nights "
            f"close days in order, as customers' ids and what became of them go on from the night before; an older one "
            f"would write anew what the later ones told. Run the night of {published[-1]} again, or one after it: it "
            f"takes in what has arrived since, for whatever day it is. If those nights should never have been, such as "
            f"one of a mistyped day, remove their records below nights/ and run this one: it takes their place. "
            f"Nothing was built; files that landed wait for the next night."
        )


@dataclass(frozen=True)
class Night:
    """One night: the day it closes, its run, the manifest keys it reads by table, and when it began and ended."""

    as_of_on: date
    run_id: str
    pinned_at: datetime
    keys: Mapping[str, tuple[str, ...]]
    closed_at: datetime | None = None


@contextmanager
def night_lock(path: Path, *, holder: str, patience_seconds: float = 60) -> Iterator[int]:
    """Hold the one lock of all nights and yield its descriptor, for children to inherit.

    A night at work refuses the next one at once. The child of a night that was killed ends by itself when it notices;
    it is waited for, so that it never writes beside the next night.

    Args:
        path: the lock file, on a local disk; `<name>.owner` beside it is the lock that no child inherits.
        holder: who holds it and since when, in words for the one who is refused.
        patience_seconds: how long the child of a killed night is waited for.

    Raises:
        NightAlreadyRunning: another night is at work, or the child of a killed one did not end in time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path.with_name(f"{path.name}.owner")) as owner, _opened(path) as descriptor:
        if not _locked(owner):
            raise NightAlreadyRunning.held_by(_stated(owner))
        _state(owner, holder)
        for _ in range(int(patience_seconds / _LOOK_EVERY_SECONDS)):
            if _locked(descriptor):
                break
            time.sleep(_LOOK_EVERY_SECONDS)
        if not _locked(descriptor):
            raise NightAlreadyRunning.held_by(f"a child of {_stated(descriptor)}, which itself was killed")
        _state(descriptor, holder)
        fault_point("night.after_lock")
        yield descriptor


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Return whether the lock is held through this descriptor, after trying to take it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _state(descriptor: int, holder: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, holder.encode(), 0)


def _stated(descriptor: int) -> str:
    return os.pread(descriptor, _LONGEST_HOLDER_BYTES, 0).decode(errors="replace") or "it has not said who it is yet"


def pin_night(lake: Lake, tables: Mapping[str, object], *, as_of_on: date, run_id: str, at: datetime) -> Night:
    """Return the night over the manifest keys committed now, or over those of its unfinished earlier run.

    Of a table that is derived, whose keys were replaced since, the unfinished night reads the keys of now.

    Args:
        lake: where the tables and the night's record are.
        tables: names of the lake tables that the night reads.
        as_of_on: the business day that the night closes.
        run_id: the run that works on it now.
        at: zone-aware instant of the pin.

    Raises:
        NightOutOfOrder: a night of a later day has published.
        NightRecordDamaged: the record of this day or of a later one cannot be read.
    """
    fault_point("night.before_pin")
    later = [night.as_of_on for night in _nights_after(lake, as_of_on) if night.closed_at is not None]
    if later:
        raise NightOutOfOrder.before(as_of_on, later)
    earlier = read_night(lake, as_of_on)
    keys = {table: tuple(record.key for record in lake.records(table)) for table in tables}
    if earlier is not None and earlier.closed_at is None:
        kept = {
            table: pinned if table.split("/")[0] in AS_RECEIVED or set(pinned) <= set(keys[table]) else keys[table]
            for table, pinned in earlier.keys.items()
        }
        night = replace(earlier, run_id=run_id, keys=kept)
    else:
        night = Night(as_of_on=as_of_on, run_id=run_id, pinned_at=at, keys=keys)
    write_night(lake, night)
    fault_point("night.after_pin")
    return night


def close_night(lake: Lake, *, as_of_on: date, at: datetime) -> Night:
    """Return the night, now recorded as published and ended.

    Raises:
        NightRecordDamaged: the night was never pinned, or its record cannot be read.
    """
    night = read_night(lake, as_of_on)
    if night is None:
        raise NightRecordDamaged.at(_path(lake, as_of_on), "it is missing")
    closed = replace(night, closed_at=at)
    fault_point("night.before_close")
    write_night(lake, closed)
    fault_point("night.after_close")
    return closed


def read_night(lake: Lake, as_of_on: date) -> Night | None:
    """Return the record of the night that closes `as_of_on`, or None.

    Raises:
        NightRecordDamaged: the record cannot be read.
    """
    path = _path(lake, as_of_on)
    if not path.exists():
        return None
    try:
        plain = json.loads(path.read_bytes())
        if plain.pop("checksum") != checksum_of(plain):
            raise NightRecordDamaged.at(path, "it has other content than was written")
        return Night(
            as_of_on=date.fromisoformat(plain["as_of_on"]),
            run_id=plain["run_id"],
            pinned_at=datetime.fromisoformat(plain["pinned_at"]),
            keys={table: tuple(keys) for table, keys in plain["keys"].items()},
            closed_at=datetime.fromisoformat(plain["closed_at"]) if plain["closed_at"] else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NightRecordDamaged.at(path, str(error)) from error


def last_night(lake: Lake) -> Night | None:
    """Return the night with the latest day, finished or not; None before the first."""
    days = sorted(path.stem for path in (lake.root / "nights").glob("*.json"))
    return read_night(lake, date.fromisoformat(days[-1])) if days else None


def _nights_after(lake: Lake, as_of_on: date) -> list[Night]:
    """Return the nights of later days, oldest first."""
    days = sorted(date.fromisoformat(path.stem) for path in (lake.root / "nights").glob("*.json"))
    found = [read_night(lake, day) for day in days if day > as_of_on]
    return [night for night in found if night is not None]


def keys_since_closed_night(
    lake: Lake, tables: Collection[str], *, besides: date | None = None
) -> dict[str, tuple[str, ...]]:
    """Return by table the manifest keys that the closed night of the latest day did not read; all before the first.

    A key that was written again since is among them: its file was delivered anew.

    Args:
        lake: where the tables and the nights' records are.
        tables: names of lake tables.
        besides: a day whose night does not count as closed, so that it finds the same keys when it is run again.
    """
    days = sorted((path.stem for path in (lake.root / "nights").glob("*.json")), reverse=True)
    nights = (read_night(lake, day) for day in map(date.fromisoformat, days) if day != besides)
    closed = next((night for night in nights if night is not None and night.closed_at is not None), None)
    if closed is None:
        return {table: tuple(lake.keys(table)) for table in tables}
    read = {table: set(closed.keys.get(table, ())) for table in tables}
    return {
        table: tuple(
            record.key
            for record in lake.records(table)
            if record.key not in read[table] or record.written_at > closed.pinned_at
        )
        for table in tables
    }


def _path(lake: Lake, as_of_on: date) -> Path:
    return lake.root / "nights" / f"{as_of_on.isoformat()}.json"


def write_night(lake: Lake, night: Night) -> None:
    """Make `night` the record of the day that it closes."""
    plain: dict[str, Json] = {
        "as_of_on": night.as_of_on.isoformat(),
        "run_id": night.run_id,
        "pinned_at": night.pinned_at.isoformat(),
        "keys": {table: list(keys) for table, keys in night.keys.items()},
        "closed_at": night.closed_at.isoformat() if night.closed_at else None,
    }
    content = json.dumps({**plain, "checksum": checksum_of(plain)}, indent=1, sort_keys=True)
    write_bytes_atomically(_path(lake, night.as_of_on), content.encode())
