"""`genome quarantine`: what was refused, by source, feed, stage and rule, and samples; changes nothing."""

from rich.console import Console

from orchestration.cli.status import grid
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import Settings
from orchestration.ingest.refusals import RefusalChoice, RefusedRow, opened_refusals

_TITLES = ("source", "feed", "stage", "rule", "files", "rows")
_SHOWN_BYTES = 1_000


def show_quarantine(settings: Settings, *, console: Console, choice: RefusalChoice, sample: int) -> None:
    """Print one line a source, feed, stage and rule with what it refused, then `sample` refusals of each.

    Raises:
        ConfigurationFaulty: a contract is wrong.
        WarehouseBusy: a night is at work.
        LakeFileDamaged: a file that is read is missing or damaged.
    """
    lake, contracts = Lake(settings.lake_root), load_contracts(settings.contracts_dir)
    limits = DuckdbLimits(settings.duckdb_memory_limit, settings.duckdb_threads)
    with opened_refusals(lake, contracts, settings.warehouse_path, limits) as refusals:
        counts = refusals.counts(choice)
        if counts.num_rows == 0:
            console.print("Nothing that matches was refused.")
            return
        console.print(grid("Refused", _TITLES, counts))
        rows = sum(count or 0 for count in counts["rows"].to_pylist())
        console.print(f"{rows:,} rows refused; {refusals.records_count():,} records arrived in all landed files.")
        for row in refusals.samples(choice, limit=sample) if sample else ():
            _print_row(console, row)


def _print_row(console: Console, row: RefusedRow) -> None:
    place = f"line {row.line_number}" if row.line_number is not None else f"record {row.row_number}"
    where = row.file_name if row.row_number is None else f"{row.file_name} {place}"
    said = f"{row.source}/{row.feed} {row.stage} {row.rule}: {where}"
    console.print(escaped(said.encode(errors="surrogateescape")), style="bold", markup=False, soft_wrap=True)
    if row.content is not None:
        rest = len(row.content) - _SHOWN_BYTES
        more = f" … and {rest:,} bytes more" if rest > 0 else ""
        console.print(f"  {escaped(row.content[:_SHOWN_BYTES])}{more}", markup=False, soft_wrap=True)
        if row.untold_because:
            console.print(f"  (its cells; not its bytes: {row.untold_because})", markup=False, soft_wrap=True)
    elif row.reason_text:
        console.print(f"  {escaped(row.reason_text.encode(errors='surrogateescape'))}", markup=False, soft_wrap=True)


def escaped(content: bytes) -> str:
    r"""Return bytes as one line of text that a terminal shows and does not obey; no two contents look alike.

    Printable UTF-8 stands for itself, a backslash is doubled, of all else each byte is told.

    Example:
        >>> escaped("Zoë\x1b[2J\\\n".encode() + b"\xff")
        'Zoë\\x1b[2J\\\\\\x0a\\xff'
    """
    return "".join(map(_shown, content.decode("utf-8", errors="surrogateescape")))


def _shown(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", errors="surrogateescape"))
