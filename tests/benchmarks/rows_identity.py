"""The rows about identity: against Splink, a night of few new records, a poisoned value, ids that stay, and growth."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.benchmarks.identity_sets import people_folder, records_in
from tests.benchmarks.processes import Measurement, Pairs, Run, Runner, interleaved
from tests.benchmarks.sizes import Size
from tests.benchmarks.table import Row, row_of

_THREADS = 2
_NEW_SHARE = 0.01
_POISONED_AT_MOST = 50_000
_POISONED_SHARE = 0.8
_FOREIGN_SET = "historical_50k"


class IdentityRows:
    """The rows, over people of the size and, where real data is at hand, over historical records of foreign people."""

    def __init__(self, runner: Runner, size: Size, work: Path, *, real_data: Path) -> None:
        """Prepare nothing yet.

        Args:
            runner: starts the jobs.
            size: how many people there are.
            work: for temporary files.
            real_data: the folder of real data sets; it may be missing.
        """
        self._runner, self._size, self._work = runner, size, work
        self._foreign = real_data / "identity" / _FOREIGN_SET

    def rows(self) -> Iterator[Row]:
        """Yield all rows."""
        people = people_folder(self._work / "people", people_count=self._size.people)
        sets = {"people": people}
        if self._foreign.is_dir() and not self._size.is_smoke:
            sets[_FOREIGN_SET] = self._foreign
        for name, folder in sets.items():
            yield from self._against_splink(name, folder)
        yield self._increment(people)
        yield self._poison(people)
        yield from self._ids(people)
        yield self._growth(people)

    def _against_splink(self, name: str, folder: Path) -> Iterator[Row]:
        """Splink with its ready-made comparisons and defaults / our run, with training and with a stored model."""
        models = self._work / "models"
        stored = self._job("our_linkage", folder=folder, models=str(models)).facts["_model"]
        for how, model, target in (("trained", "", ">= 4"), ("stored", stored, ">= 8")):
            pairs = interleaved(
                lambda: self._job("default_splink", folder=folder),
                self._linking(folder, model),
                pairs=self._size.night_pairs,
            )
            theirs, ours = (runs[0].facts["_f1"] for runs in (pairs.a, pairs.b))
            told = f"pairwise F1 of clusters: Splink {theirs:.3f} at its defaults, ours {ours:.3f}"
            if ours < theirs:
                told += "; a ratio of work that is not of equal quality"
            yield row_of(
                pairs,
                key=f"identity_splink_{how}_{name}",
                what=f"Splink at default settings / our run, {how} model, {name}, CPU",
                measure="cpu",
                target=target,
                note=told,
            )

    def _linking(self, folder: Path, model: str) -> Run:
        return lambda: self._job("our_linkage", folder=folder, model=model)

    def _increment(self, people: Path) -> Row:
        """A whole run with the stored model / the night of 1 % new records, over the same records."""
        every = records_in(people)
        nights = [{"rows": every - max(1, round(_NEW_SHARE * every))}, {"rows": every}]
        pairs = interleaved(
            lambda: self._nights(people, nights, forgets=True),
            lambda: self._nights(people, nights),
            pairs=self._size.night_pairs,
        )
        note = f"{every:,} records; the night {pairs.b[0].facts['_how']}, and reads and writes all tables of identity"
        what = "a whole run / the night of 1 % new records, re-clustering included, CPU"
        return row_of(pairs, key="identity_increment", what=what, measure="cpu", target=">= 40", note=note)

    def _poison(self, people: Path) -> Row:
        """A first night of records of which many share one e-mail address and one phone number / without."""
        every = records_in(people)
        poisoned = min(_POISONED_AT_MOST, round(_POISONED_SHARE * every))
        pairs = interleaved(
            lambda: self._nights(people, [{"rows": every, "poisoned": poisoned}]),
            lambda: self._nights(people, [{"rows": every}]),
            pairs=self._size.night_pairs,
        )
        told = [runs[0].facts["customers"] for runs in (pairs.a, pairs.b)]
        note = f"{poisoned:,} of {every:,} records share both; {told[0]:,} customers with them, {told[1]:,} without"
        what = "a poisoned e-mail address and phone number / none, CPU of a first night"
        row = row_of(pairs, key="identity_poison", what=what, measure="cpu", target="<= 1.10", note=note)
        return replace(row, is_equal=None)

    def _ids(self, people: Path) -> Iterator[Row]:
        """Records whose customer id is another after the same night again, and after its rows in another order."""
        every = {"rows": records_in(people)}
        for key, again, what in (
            ("identity_ids_rerun", every, "records whose id changed by a re-run"),
            ("identity_ids_shuffled", {**every, "shuffle": 5}, "records whose id changed by rows in another order"),
        ):
            measured = self._nights(people, [every, again], forgets_state=True)
            changed = float(measured.facts["_changed_ids"])
            yield Row(
                key=key,
                what=what,
                unit="rows",
                values=(changed,),
                target="<= 0",
                cpu=(measured.cpu,),
                wall=(measured.wall,),
                is_equal=changed == 0,
                note="of the state of the night before only ids and models are kept, so that all is linked anew",
            )

    def _growth(self, people: Path) -> Row:
        """How the CPU of a first night grows from a quarter of the people to all."""
        quarter = people_folder(self._work / "quarter", people_count=max(1, self._size.people // 4))
        pairs = interleaved(
            lambda: self._nights(people, [{"rows": records_in(people)}]),
            lambda: self._nights(quarter, [{"rows": records_in(quarter)}]),
            pairs=self._size.night_pairs,
        )
        counts = [runs[0].facts["records"] for runs in (pairs.a, pairs.b)]
        exponents = _exponents(pairs, counts[0] / counts[1])
        what = "exponent of a first night of identity, CPU, from n to 4 n records"
        note = f"from {counts[1]:,} to {counts[0]:,} records, training included, which costs much the same at any size"
        row = row_of(pairs, key="identity_growth", what=what, measure="cpu", target="<= 1.05", note=note)
        return replace(row, unit="exponent", values=exponents, is_equal=None)

    def _nights(self, folder: Path, nights: Sequence[Mapping[str, int]], **circumstances: bool) -> Measurement:
        lake = str(self._work / "identity_lake")
        return self._job("identity_nights", folder=folder, nights=nights, lake=lake, **circumstances)

    def _job(self, job: str, *, folder: Path, **arguments: Any) -> Measurement:
        stated = {"folder": str(folder), "memory_limit": self._size.memory_limit, "threads": _THREADS}
        return self._runner.run(f"jobs_identity:{job}", {**stated, **arguments})


def _exponents(pairs: Pairs, growth: float) -> tuple[float, ...]:
    return tuple(math.log(ratio) / math.log(growth) for ratio in pairs.ratios("cpu"))
