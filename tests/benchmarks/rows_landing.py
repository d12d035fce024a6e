"""The rows about landing: against a bare COPY, against pandas, with typed staging, and that nothing is lost."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.benchmarks import bulk
from tests.benchmarks.bulk import Bulk
from tests.benchmarks.processes import Measurement, Pairs, Runner, interleaved
from tests.benchmarks.sizes import AS_OF_ON, MEGABYTE, Size
from tests.benchmarks.sql_of_a_night import NightSql
from tests.benchmarks.table import Row, row_of

_THREADS = 2
_LIMITS_LANDING = (
    "each byte is read three times (copy and hash, an independent count of records, DuckDB's reader) and rows are "
    "numbered in file order, which keeps DuckDB's writer on one thread"
)
_LIMITS_RAGGED = f"{_LIMITS_LANDING}; ragged records are foreseen by the count, and numbered around"


@dataclass(frozen=True)
class Files:
    """The two files of these rows."""

    clean: Bulk
    ragged: Bulk


class LandingRows:
    """Measures landing and what it is compared with."""

    def __init__(self, runner: Runner, size: Size, work: Path) -> None:
        self._runner = runner
        self._size = size
        self._work = work
        shared: Any = {"rows": size.events, "customers": size.customers // 2, "days": 365}
        starts_on = bulk.year_before(AS_OF_ON)
        self._files = Files(
            clean=bulk.invoice_lines(work / "clean.csv", starts_on=starts_on, **shared),
            ragged=bulk.invoice_lines(work / "ragged.csv", starts_on=starts_on, is_ragged=True, **shared),
        )

    @property
    def generated(self) -> str:
        """What was generated, in words."""
        clean, ragged = self._files.clean, self._files.ragged
        return (
            f"invoice lines as CSV: {clean.records:,} clean ({clean.bytes / MEGABYTE:,.0f} MB), and as many with "
            f"{ragged.bad:,} ragged"
        )

    def landing(self) -> Iterator[Row]:
        """Landing against a bare COPY, clean, ragged and with types; and what was lost, from the ragged landings."""
        for name, file, limits in (
            ("clean", self._files.clean, _LIMITS_LANDING),
            ("ragged", self._files.ragged, _LIMITS_RAGGED),
        ):
            pairs = self._pairs(file, "jobs_landing:land", "jobs_landing:copy_text")
            what = f"landing / bare COPY of the same text to Parquet, {name}, CPU"
            yield row_of(pairs, key=f"landing_{name}", what=what, measure="cpu", target="<= 1.35", note=limits)
        yield _lost(pairs, self._files.ragged)
        pairs = self._pairs(self._files.clean, "jobs_landing:land_reading_types", "jobs_landing:copy_text")
        what = "the same, clean, with `on_drift: {types: quarantine}`, CPU"
        note = "the typed cells are read once more: an integer, a timestamp and a decimal a line"
        yield row_of(pairs, key="landing_types", what=what, measure="cpu", note=note)

    def pandas(self) -> Iterator[Row]:
        """Landing against pandas: wall and memory."""
        pairs = self._pairs(self._files.clean, "jobs_landing:land", "jobs_landing:pandas_parquet")
        walls = tuple(1 / ratio for ratio in pairs.ratios("wall"))
        row = row_of(pairs, key="pandas_wall", what="pandas / landing, clean, wall", measure="wall", target=">= 1.4")
        note = (
            "pandas writes the same table, provenance and all, but keeps no archive, counts nothing, refuses nothing; "
            "both read and write on one thread"
        )
        yield replace(row, values=walls, note=note)
        held = pairs.medians("before_bytes")[0] / MEGABYTE
        note = f"the whole process; {held:.0f} MB of landing's are interpreter and imports, before the first byte"
        what = "landing / pandas, clean, peak memory"
        yield row_of(pairs, key="pandas_memory", what=what, measure="peak_bytes", target="<= 0.25", note=note)

    def staging(self, sql: NightSql) -> Iterator[Row]:
        """Landing and staging against a bare typed COPY: the typed model, and all models of the feed."""
        models = ["stg_online_retail__lines_typed"]
        note = "row hash (sha256) and row rules a line, and raw text written and read again; standardising left out"
        pairs = self._staged(sql.statements(models))
        what = "landing + typed staging with row rules / bare typed COPY, CPU"
        yield row_of(pairs, key="staging_typed", what=what, measure="cpu", target="<= 2.0", note=note)
        models += ["online_retail_line_types", "stg_online_retail__lines_judged", "stg_online_retail__lines"]
        pairs = self._staged(sql.statements(models))
        what = "the same with fates and the latest versions, CPU"
        note = "judging finds duplicates over the whole feed: a window over all rows by their hash"
        yield row_of(pairs, key="staging_whole", what=what, measure="cpu", note=note)

    def _staged(self, statements: list[str]) -> Pairs:
        return self._pairs(
            self._files.clean, "jobs_landing:land_and_type", "jobs_landing:copy_typed", statements=statements
        )

    def _pairs(self, file: Bulk, a: str, b: str, **more: Any) -> Pairs:
        arguments = {
            "csv": str(file.path),
            "folder": str(self._work),
            "memory_limit": self._size.memory_limit,
            "threads": _THREADS,
            "is_ragged": file.bad > 0,
            **more,
        }
        return interleaved(
            lambda: self._runner.run(a, arguments),
            lambda: self._runner.run(b, arguments),
            pairs=self._size.pairs,
        )


def _lost(pairs: Pairs, file: Bulk) -> Row:
    """Return the row of records lost or invented, over all landings of the ragged file."""
    counts = tuple(float(_wrong(run, file)) for run in pairs.a)
    is_same = all(run.facts["bad_checksum"] == file.bad_checksum for run in pairs.a) and pairs.is_equal
    return Row(
        key="rows_lost",
        what="records lost or invented by landing the ragged file",
        unit="rows",
        values=counts,
        target="<= 0",
        is_equal=is_same,
        note=f"{file.records:,} records delivered, {file.records - file.bad:,} landed, {file.bad:,} quarantined; every "
        f"cell equal to the COPY's, every quarantined record to its bytes; {statistics.fmean(counts):.0f} wrong",
    )


def _wrong(run: Measurement, file: Bulk) -> int:
    facts = run.facts
    return int(
        abs(facts["rows"] - (file.records - file.bad))
        + abs(facts["quarantined"] - file.bad)
        + abs(facts["ordinals"] - file.records)
        + abs(facts["records"] - file.records)
    )
