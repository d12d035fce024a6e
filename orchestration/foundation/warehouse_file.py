"""The warehouse file between nights: sealed by its sha256 when a night ends, set aside when it is damaged.

All that the warehouse holds is made from the lake, so a damaged one is not mended: it is set aside and built anew.
What is in it belongs to dbt.
"""

import json
from pathlib import Path

import duckdb

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.lake_io import Json, sha256_of, sync_folder, write_bytes_atomically

_LOCKED_BY_ANOTHER = "Could not set lock"


def seal_warehouse(warehouse: Path) -> None:
    """Record the sha256 of the warehouse as a night leaves it, so that the next one sees whether it was touched."""
    write_bytes_atomically(_seal_path(warehouse), json.dumps(_state(warehouse)).encode())


def unseal_warehouse(warehouse: Path, limits: DuckdbLimits) -> str | None:
    """Return why the warehouse is built anew from here on, or None when it can be built upon; it is unsealed then.

    A sealed file must have the bytes that were sealed. A file that a night was killed on has no seal; it must open,
    and DuckDB's own checksums guard what is read from it. A damaged file is kept as `<stem>.damaged.duckdb`.

    Args:
        warehouse: the database file.
        limits: memory and threads of the connection that tries to open it.

    Raises:
        duckdb.IOException: another process has the file open for writing.
    """
    seal = _seal_path(warehouse)
    if not warehouse.exists():
        reason = f"{warehouse.name} is missing" if seal.exists() else f"{warehouse.name} was never built"
        _log_path(warehouse).unlink(missing_ok=True)
    else:
        reason = _damage(warehouse, seal, limits)
        if reason:
            _set_aside(warehouse)
    seal.unlink(missing_ok=True)
    return reason or None


def drop_warehouse(warehouse: Path) -> None:
    """Remove the warehouse file, what DuckDB keeps beside it, and its seal."""
    for path in (warehouse, _log_path(warehouse), _seal_path(warehouse)):
        path.unlink(missing_ok=True)


def _damage(warehouse: Path, seal: Path, limits: DuckdbLimits) -> str:
    if seal.exists() and _log_path(warehouse).exists():
        return f"{warehouse.name} was written to after the last night"
    if seal.exists():
        is_as_sealed = seal.read_bytes() == json.dumps(_state(warehouse)).encode()
        return "" if is_as_sealed else f"{warehouse.name} has other bytes than the last night left"
    try:
        with connect(warehouse, limits, read_only=False):
            return ""
    except duckdb.Error as error:
        if _LOCKED_BY_ANOTHER in str(error):
            raise
        return f"{warehouse.name} cannot be opened ({type(error).__name__})"


def _state(warehouse: Path) -> dict[str, Json]:
    return {"bytes": warehouse.stat().st_size, "sha256": sha256_of(warehouse)}


def _set_aside(warehouse: Path) -> None:
    aside = warehouse.with_name(f"{warehouse.stem}.damaged{warehouse.suffix}")
    for path in (aside, _log_path(aside)):
        path.unlink(missing_ok=True)
    if _log_path(warehouse).exists():
        _log_path(warehouse).replace(_log_path(aside))
    warehouse.replace(aside)
    sync_folder(warehouse.parent)


def _log_path(warehouse: Path) -> Path:
    """Return the write-ahead log that DuckDB keeps beside a database that was not closed."""
    return warehouse.with_name(f"{warehouse.name}.wal")


def _seal_path(warehouse: Path) -> Path:
    return warehouse.with_name(f"{warehouse.name}.sealed")
