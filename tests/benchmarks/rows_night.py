"""The rows about whole nights: what orchestration adds, growth with history and customers, memory."""

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.warehouse.dbt_project import fingerprint
from tests.benchmarks import bulk
from tests.benchmarks.bulk import Bulk
from tests.benchmarks.processes import JobFailed, Measurement, Pairs, Run, Runner, interleaved
from tests.benchmarks.sizes import AS_OF_ON, MEGABYTE, SIZES, Size
from tests.benchmarks.sql_of_a_night import NightSql
from tests.benchmarks.table import Row, row_of

_THREADS = 2
_LEAST_LIMIT_MB = 128
_ALLOWED_MB = 250
_NEXT_DAY = AS_OF_ON + timedelta(days=1)
_DBT = PROJECT_ROOT / "dbt_project"


class NightRows:
    """Measures nights; all on one path, so that dbt's parse cache holds, as it does in an installation."""

    def __init__(self, runner: Runner, size: Size, work: Path) -> None:
        self._runner = runner
        self._size = size
        self._work = work
        self._root = work / "lake"
        self._first: Measurement | None = None
        self._failure: JobFailed | None = None
        self._inputs: dict[str, list[Bulk]] = {}
        self._kept: dict[str, Measurement] = {}

    @property
    def sql(self) -> NightSql:
        """The SQL of a night, after a first night of the tiny company if there was none."""
        if self._first is None:
            tiny = SIZES["tiny"]
            files = self._company("company" if self._size is tiny else "tiny", tiny.customers, tiny.events)
            if self._failure is not None:
                raise self._failure
            try:
                self._first = self._night(lambda: self._fresh(files))
            except JobFailed as failure:
                self._failure = failure
                raise
            NightSql.of(self._root / ".dbt", _DBT).write(self._sql_path)
            manifest = self._root / ".dbt" / f"manifest-{fingerprint(_DBT)[:16]}.json"
            assert manifest.exists(), "the night left no manifest under its project's fingerprint"
        return NightSql.read(self._sql_path)

    def orchestration(self) -> Iterator[Row]:
        """A night against the same SQL and functions run bare."""
        pairs = self._both_ways()
        added = tuple(a.whole_wall - b.whole_wall for a, b in zip(pairs.a, pairs.b, strict=True))
        parts = pairs.b[-1].facts["_parts"]
        told = ", ".join(f"{name} {seconds}" for name, seconds in parts.items())
        note = (
            "imports of Dagster and dbt, one dbt child that forks a process a block, Dagster's event log and previews; "
            f"the bare run calls the same gates; its seconds: {told}"
        )
        what = "`genome night` - the same SQL and functions run bare, wall"
        row = row_of(pairs, key="orchestration_added", what=what, measure="whole_wall", target="<= 15", note=note)
        yield replace(row, unit="s", values=added)
        what = "`genome night` / the same SQL and functions run bare, wall"
        yield row_of(pairs, key="orchestration_ratio", what=what, measure="whole_wall", target="<= 1.10", note=note)
        yield self._memory(pairs.a, key="memory_night", limit_mb=_megabytes(self._size.memory_limit))

    def history(self) -> Iterator[Row]:
        """A night on a doubled history against the same night before."""
        size = self._size
        base = self._company("company", size.customers, size.events)
        doubled = [*base, self._lines("older", size.events, size.customers, bulk.year_before(AS_OF_ON), first=True)]
        new = self._company("new", max(size.customers // 100, 2), max(size.events // 100, 4), day=_NEXT_DAY)
        snapshots = {}
        for name, files in (("single", base), ("doubled", doubled)):
            self._compared(lambda files=files: self._fresh(files))  # type: ignore[misc]
            snapshots[name] = self._snapshot(name)

        def night(name: str) -> Run:
            return lambda: self._compared(lambda: self._restore(snapshots[name], new), day=_NEXT_DAY)

        pairs = interleaved(night("doubled"), night("single"), pairs=size.night_pairs)
        for snapshot in snapshots.values():
            shutil.rmtree(snapshot)
        note = (
            "orders, records and customers that new files touch are replaced; RFM, scores and the published are made "
            "for everyone; a year of invoice lines against two, of the same customers, and 1 % new"
        )
        what = "a night of 1 % when history doubles / before, CPU"
        row = row_of(pairs, key="growth_history", what=what, measure="cpu", target="<= 1.10", note=note)
        yield replace(row, is_equal=None)

    def customers(self) -> Iterator[Row]:
        """How the cost of a first night grows from a tenth of the customers to all."""
        size = self._size
        files = {
            "all": self._company("company", size.customers, size.events),
            "tenth": self._company("tenth", size.customers // 10, size.events // 10),
        }

        def night(name: str) -> Run:
            return lambda: self._compared(lambda: self._fresh(files[name]), kept_as="company" if name == "all" else "")

        pairs = interleaved(night("all"), night("tenth"), pairs=size.night_pairs)
        exponents = tuple(math.log10(ratio) for ratio in pairs.ratios("whole_cpu"))
        fixed = self._first.whole_cpu if self._first else 0.0
        net = [(a.whole_cpu - fixed, b.whole_cpu - fixed) for a, b in zip(pairs.a, pairs.b, strict=True)]
        told = ", ".join(f"{math.log10(a / b):.2f}" for a, b in net if a > 0 and b > 0) or "not to be told"
        note = (
            f"from {size.customers // 10:,} to {size.customers:,} customers with their events; start-up flatters it: "
            f"net of a night of 300 customers ({fixed:.0f} s) the exponents are {told}"
        )
        what = "exponent of a first night's CPU from n to 10 n customers"
        row = row_of(pairs, key="growth_customers", what=what, measure="whole_cpu", target="<= 1.05", note=note)
        yield replace(row, unit="exponent", values=exponents, is_equal=None)

    def memory(self) -> Iterator[Row]:
        """A night at a memory limit of a tenth of the data against an unlimited one."""
        size = self._size
        files = self._company("company", size.customers, size.events)
        tenth = sum(file.bytes for file in files) / MEGABYTE / 10
        limit = max(_LEAST_LIMIT_MB, round(tenth))
        pairs = interleaved(
            lambda: self._compared(lambda: self._fresh(files), memory_limit=f"{limit}MB"),
            lambda: self._compared(lambda: self._fresh(files), kept_as="company"),
            pairs=size.night_pairs,
        )
        floor = "" if tenth >= _LEAST_LIMIT_MB else f" (the least that is tried; a tenth is {tenth:.0f} MB)"
        note = f"DuckDB at {limit} MB{floor} spills sorts and joins; the other at {size.memory_limit}"
        what = "a night at a memory limit of a tenth of the data / unlimited, CPU"
        yield row_of(pairs, key="limited_night", what=what, measure="whole_cpu", target="<= 2.0", note=note)
        yield self._memory(pairs.a, key="memory_limited", limit_mb=limit)

    def _memory(self, nights: Sequence[Measurement], *, key: str, limit_mb: float) -> Row:
        own = [night.peak_bytes / MEGABYTE for night in nights]
        dbt = [night.child_peak_bytes / MEGABYTE for night in nights]
        return Row(
            key=key,
            what=f"peak memory of a night's largest process - DuckDB's limit of {limit_mb:.0f} MB",
            unit="MB",
            values=tuple(max(pair) - limit_mb for pair in zip(own, dbt, strict=True)),
            target=f"<= {_ALLOWED_MB}",
            memory_mb=(max(own), max(dbt)),
            note="the night's own process / dbt's; Dagster, Great Expectations and scikit-learn stand in the first "
            "beside what DuckDB holds",
        )

    def _both_ways(self) -> Pairs:
        files = self._company("company", self._size.customers, self._size.events)
        sql = self.sql
        assert sql.steps
        first = self._first if self._size.is_smoke else None

        def genome() -> Measurement:
            return first or self._night(lambda: self._fresh(files))

        def bare() -> Measurement:
            return self._night(lambda: self._fresh(files), job="bare_night", kept_as="company")

        return interleaved(genome, bare, pairs=self._size.night_pairs)

    def _compared(
        self, prepare: Callable[[], None], *, day: date = AS_OF_ON, memory_limit: str = "", kept_as: str = ""
    ) -> Measurement:
        """Return one night of those that are compared with each other: bare ones without gates at the smoke size."""
        assert self.sql.steps
        job = "bare_night" if self._size.is_smoke else "genome_night"
        return self._night(prepare, job=job, day=day, memory_limit=memory_limit, kept_as=kept_as, has_gates=False)

    def _night(  # noqa: PLR0913 - a night has this many circumstances
        self,
        prepare: Callable[[], None],
        *,
        job: str = "genome_night",
        day: date = AS_OF_ON,
        memory_limit: str = "",
        kept_as: str = "",
        has_gates: bool = True,
    ) -> Measurement:
        """Return what a night measured; the smoke size takes a kept one for the same again."""
        if self._size.is_smoke and kept_as in self._kept:
            return self._kept[kept_as]
        prepare()
        arguments = {
            "root": str(self._root),
            "memory_limit": memory_limit or self._size.memory_limit,
            "threads": _THREADS,
            "day": day.isoformat(),
            "sql": str(self._sql_path),
            "has_gates": has_gates,
        }
        measured = self._runner.run(f"jobs_night:{job}", arguments)
        if kept_as:
            self._kept[kept_as] = measured
        return measured

    @property
    def _sql_path(self) -> Path:
        return self._work / "sql.json"

    def _fresh(self, files: Sequence[Bulk]) -> None:
        """Make the lake a new one with these files in its inbox; dbt's parse cache stays."""
        self._root.mkdir(exist_ok=True)
        for entry in self._root.iterdir():
            if entry.is_dir() and entry.name != ".dbt":
                shutil.rmtree(entry)
            elif entry.is_file():
                entry.unlink()
        self._deliver(files)

    def _deliver(self, files: Sequence[Bulk]) -> None:
        for file in files:
            folder = self._root / "inbox" / _SOURCES[file.path.suffix, file.path.name.split("_")[0]]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.path, folder / file.path.name)

    def _snapshot(self, name: str) -> Path:
        target = self._work / f"snapshot-{name}"
        shutil.copytree(self._root, target, ignore=shutil.ignore_patterns(".dbt"))
        return target

    def _restore(self, snapshot: Path, files: Sequence[Bulk]) -> None:
        self._fresh([])
        shutil.copytree(snapshot, self._root, dirs_exist_ok=True)
        self._deliver(files)

    def _company(self, name: str, customers: int, events: int, *, day: date = AS_OF_ON) -> list[Bulk]:
        """Return a company's files, made once: invoice lines, and contacts and orders of as many people."""
        if name not in self._inputs:
            people = customers // 2
            is_new = day != AS_OF_ON
            folder = self._work / "inputs" / name
            folder.mkdir(parents=True)
            stamp = day.strftime("%Y%m%d")
            first = 4 * self._size.customers if is_new else 0
            self._inputs[name] = [
                self._lines(name, events, customers, day, is_one_day=is_new, first=is_new),
                bulk.contacts(folder / f"contacts_{stamp}.csv", rows=people, as_of_on=day),
                bulk.orders(folder / f"orders_{stamp}.ndjson", people=people, as_of_on=day, first=first),
            ]
        return self._inputs[name]

    def _lines(  # noqa: PLR0913 - a file has this many circumstances
        self, name: str, rows: int, customers: int, last_on: date, *, first: bool = False, is_one_day: bool = False
    ) -> Bulk:
        """Return invoice lines of the year (or the one day) that ends with `last_on`, with numbers of their own."""
        folder = self._work / "inputs" / name
        folder.mkdir(parents=True, exist_ok=True)
        return bulk.invoice_lines(
            folder / f"online_retail_{name}.csv",
            rows=rows,
            customers=customers // 2 or 1,
            starts_on=last_on if is_one_day else bulk.year_before(last_on),
            days=1 if is_one_day else 365,
            first=(2 if is_one_day else 1) * (self._size.events // 4) * 4 if first else 0,
        )


_SOURCES = {(".csv", "online"): "online_retail", (".csv", "contacts"): "crm", (".ndjson", "orders"): "shop"}


def _megabytes(limit: str) -> float:
    return float(limit.removesuffix("GB")) * 1024
