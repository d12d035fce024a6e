"""The sample company as a whole: what is true, what its sources make of it, and the truth beside their files.

Belongs here: the order of the parts and what is reported. Each part's content is its own module. No stage reads the
truth; tests and evaluation do.
"""

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.sample_company.calendar import LATER_DAYS, Calendar
from orchestration.sample_company.facts.simulate import simulate
from orchestration.sample_company.facts.store import FactStore
from orchestration.sample_company.sources.all_sources import SOURCES
from orchestration.sample_company.sources.observer import Observer, SampleFile
from orchestration.sample_company.truth import NoiseCount, Truth

DEFAULT_ENDS_ON = date(2026, 6, 30)
DEFAULT_SEED = 7
NIGHTS_AT_MOST = LATER_DAYS + 1

__all__ = ["SOURCES", "NoiseCount", "SampleFile", "SampleImpossible", "SampleReport", "write_sample_company"]


class SampleImpossible(GenomeError):
    """A sample company that cannot be made."""

    @classmethod
    def because_of_size(cls, *, customers_count: int, nights: int) -> "SampleImpossible":
        """Return the error for a number of customers or nights out of range."""
        return cls(
            f"a sample company of {customers_count} customers and {nights} nights cannot be made; it has at least 1 "
            f"customer, and from 1 to {NIGHTS_AT_MOST} nights. Nothing was written."
        )

    @classmethod
    def because_of_sources(cls, unknown: Collection[str]) -> "SampleImpossible":
        """Return the error for sources that the company does not have."""
        return cls(
            f"the sample company has no source {some_of(sorted(unknown))}; it has {', '.join(SOURCES)}. "
            "Nothing was written."
        )


@dataclass(frozen=True)
class SampleReport:
    """What was made.

    Attributes:
        people_count: People who joined until the last delivered day.
        orders_count: Sales and returns that happened until then.
        files: Written files, ordered by the day on which they arrive, source, feed and name.
        noise: What is wrong in them, ordered by source, feed, field and type.
        truth_root: Where the truth tables are, if they were asked for.
    """

    people_count: int
    orders_count: int
    files: tuple[SampleFile, ...]
    noise: tuple[NoiseCount, ...]
    truth_root: Path | None


def write_sample_company(  # noqa: PLR0913 - the company is these few facts
    inbox_root: Path,
    *,
    customers_count: int,
    nights: int = 1,
    seed: int = DEFAULT_SEED,
    ends_on: date = DEFAULT_ENDS_ON,
    truth_root: Path | None = None,
    sources: Collection[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> SampleReport:
    """Return what was written: the files of the sample company's sources, the same bytes for the same arguments.

    Args:
        inbox_root: Folder with one folder per source.
        customers_count: People who joined until `ends_on`.
        nights: 1 writes the history until `ends_on`; each further night adds the files of one more day. The files of
            the earlier nights do not depend on it.
        seed: Seed of all random numbers.
        ends_on: Last day of the history.
        truth_root: Folder for the truth tables (Parquet), or None for none.
        sources: Which sources write files, None for all. A source's files do not depend on the others.
        progress: Is told what comes next, a few words each time.

    Raises:
        SampleImpossible: `customers_count` or `nights` is out of range, or a source is unknown.
    """
    if customers_count < 1 or not 1 <= nights <= NIGHTS_AT_MOST:
        raise SampleImpossible.because_of_size(customers_count=customers_count, nights=nights)
    unknown = set(sources or ()) - set(SOURCES)
    if unknown:
        raise SampleImpossible.because_of_sources(unknown)
    tell = progress or _say_nothing
    calendar = Calendar.ending(ends_on)
    last_day = ends_on + timedelta(days=nights - 1)
    feeds = [feed for source, feeds in SOURCES.items() if sources is None or source in sources for feed in feeds]
    with tempfile.TemporaryDirectory(prefix="sample_company_") as work:
        facts = FactStore(Path(work) / "facts")
        tell("people and what they do")
        simulate(facts, customers_count=customers_count, seed=seed, calendar=calendar)
        with facts.connect() as connection:
            observer = Observer(
                facts=facts,
                connection=connection,
                inbox_root=inbox_root,
                work=Path(work),
                calendar=calendar,
                last_day=last_day,
                seed=seed,
            )
            observer.observe(feeds, progress=tell)
        tell("the truth beside the files")
        with facts.connect() as connection:
            truth = Truth(connection=connection, work=Path(work), last_day=last_day)
            if truth_root is not None:
                truth.write(truth_root)
            return SampleReport(
                people_count=truth.people_count(),
                orders_count=truth.orders_count(),
                files=tuple(observer.files),
                noise=truth.noise_counts(),
                truth_root=truth_root,
            )


def _say_nothing(_what: str) -> None:
    """Take no notice of what comes next."""
