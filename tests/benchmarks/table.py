"""A row of the benchmark table, the table on the terminal, and its JSON."""

import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from tests.benchmarks.processes import Pairs
from tests.benchmarks.sizes import MEGABYTE


@dataclass(frozen=True)
class Row:
    """One row: what is compared, its median with the spread over pairs, and how that stands to its target.

    Attributes:
        key: short name, for `--only` and for programs.
        what: A / B in words.
        unit: of the value: ratio, exponent, ms, MB, rows, s.
        values: one a pair.
        target: the number and its side, such as `<= 1.35`; empty for none.
        cpu: CPU seconds of A and of B.
        wall: wall seconds of A and of B.
        memory_mb: peak memory of A and of B.
        is_equal: whether the outputs were equal; None where there is nothing to compare.
        note: what limits it, and what else there is to know.
        is_judged: whether the target is meant for this size.
        failure: why it could not be measured.
    """

    key: str
    what: str
    unit: str = "ratio"
    values: tuple[float, ...] = ()
    target: str = ""
    cpu: tuple[float, ...] = ()
    wall: tuple[float, ...] = ()
    memory_mb: tuple[float, ...] = ()
    is_equal: bool | None = None
    note: str = ""
    is_judged: bool = True
    failure: str = ""

    @property
    def median(self) -> float | None:
        """The median of the values."""
        return statistics.median(self.values) if self.values else None

    @property
    def verdict(self) -> Literal["met", "missed", "failed", "not judged", ""]:
        """How the median stands to the target."""
        if self.failure or self.is_equal is False:
            return "failed"
        if not self.target or self.median is None:
            return ""
        if not self.is_judged:
            return "not judged"
        side, limit = self.target.split()[:2]
        is_met = self.median <= float(limit) if side == "<=" else self.median >= float(limit)
        return "met" if is_met else "missed"

    def facts(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {**asdict(self), "median": self.median, "verdict": self.verdict}


def row_of(  # noqa: PLR0913 - a row has this many facts
    pairs: Pairs, *, key: str, what: str, measure: str, target: str = "", note: str = ""
) -> Row:
    """Return the row of A / B in one measure."""
    scope = "whole_" if measure.startswith("whole_") else ""
    return Row(
        key=key,
        what=what,
        values=tuple(pairs.ratios(measure)),
        target=target,
        cpu=pairs.medians(f"{scope}cpu"),
        wall=pairs.medians(f"{scope}wall"),
        memory_mb=tuple(each / MEGABYTE for each in pairs.medians("peak_bytes")),
        is_equal=pairs.is_equal,
        note=note,
    )


def unjudged(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a size that no target is meant for."""
    return [replace(row, is_judged=False) for row in rows]


def machine() -> dict[str, object]:
    """Return what the machine is and how busy it was."""
    return {"cores": os.cpu_count(), "load_1min_5min_15min": [round(load, 2) for load in os.getloadavg()]}


def write_json(path: Path, rows: Sequence[Row], facts: Mapping[str, object]) -> None:
    """Write all rows so far, in one step."""
    temporary = path.with_name(f".{path.name}.tmp")
    content = {**facts, "rows": [row.facts() for row in rows]}
    temporary.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    temporary.replace(path)


def show(console: Console, rows: Sequence[Row], title: str) -> None:
    """Print the table."""
    grid = Table(title=title, header_style="dim", show_lines=True)
    grid.add_column("row")
    grid.add_column("what", max_width=34)
    for heading in ("median [min..max]", "CPU s A / B", "wall s A / B", "peak MB A / B"):
        grid.add_column(heading, justify="right")
    for heading in ("target", "verdict"):
        grid.add_column(heading)
    grid.add_column("equal")
    grid.add_column("what limits it; notes", min_width=24)
    for row in rows:
        grid.add_row(
            row.key,
            row.what,
            _spread(row),
            _pair(row.cpu, 2),
            _pair(row.wall, 2),
            _pair(row.memory_mb, 0),
            row.target or "none",
            row.verdict,
            {True: "yes", False: "NO", None: ""}[row.is_equal],
            row.failure or row.note,
        )
    console.print(grid, markup=False)


def _spread(row: Row) -> str:
    if not row.values:
        return ""
    unit = "" if row.unit in ("ratio", "exponent") else f" {row.unit}"
    digits = 0 if row.unit in ("rows", "MB") else 3
    return f"{row.median:.{digits}f} [{min(row.values):.{digits}f}..{max(row.values):.{digits}f}]{unit}"


def _pair(values: Sequence[float], digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in values)
