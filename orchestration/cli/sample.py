"""`genome sample`: the files that the sample company delivers, night by night, and what is wrong in them."""

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import Settings
from orchestration.sample_company.company import SOURCES, SampleReport, write_sample_company

_MIB = 1 << 20


class SampleLakeTaken(GenomeError):
    """The lake holds data of another company."""

    @classmethod
    def by(cls, root: Path, tables: list[str]) -> "SampleLakeTaken":
        """Return the error for a lake with tables that are not the sample company's."""
        return cls(
            f"{root} already holds {some_of(tables)}; the sample company's invented people are not mixed with real "
            "ones. Name another lake for it: GENOME_LAKE=/tmp/demo genome demo"
        )


def truth_root_of(settings: Settings) -> Path:
    """Return where the truth of a lake's sample company lies."""
    return settings.lake_root / "sample_truth"


def require_own_lake(settings: Settings) -> None:
    """Check that the lake holds nothing, or the sample company only.

    Raises:
        SampleLakeTaken: the lake holds data of other sources.
    """
    # Without its truth, a crm or shop is somebody's real one.
    own_sources = SOURCES if truth_root_of(settings).is_dir() else {}
    tables = Lake(settings.lake_root).tables()
    taken = [table for table in tables if table.startswith("raw/") and table.split("/")[1] not in own_sources]
    if taken:
        raise SampleLakeTaken.by(settings.lake_root, taken)


def run_sample(  # noqa: PLR0913 - the command's options
    settings: Settings,
    *,
    console: Console,
    customers_count: int,
    nights: int,
    seed: int,
    into: Path | None,
    truth: Path | None,
) -> None:
    """Write the files of the sample company and print what they are.

    Args:
        settings: The installation's.
        console: Where progress and the report go.
        customers_count: People who joined within the history.
        nights: 1 for the history; each further night adds a day's files.
        seed: Same seed, same bytes.
        into: Folder with one folder per source; the lake's inbox when left out.
        truth: Folder for the truth; none is written when left out, but beside the lake's own inbox.

    Raises:
        SampleLakeTaken: the files would go to a lake with data of other sources.
    """
    if into is None:
        require_own_lake(settings)
    with console.status("making the sample company") as status:
        report = write_sample_company(
            into or settings.lake_root / "inbox",
            customers_count=customers_count,
            nights=nights,
            seed=seed,
            truth_root=truth or (truth_root_of(settings) if into is None else None),
            progress=lambda what: status.update(f"making the sample company: {what}"),
        )
    _print_files(report, console)
    _print_noise(report, console)
    console.print(f"{report.people_count:,} people, {report.orders_count:,} orders and returns.")
    if report.truth_root is not None:
        console.print(f"The truth, which no stage reads: {report.truth_root}")


def _print_files(report: SampleReport, console: Console) -> None:
    table = Table("arrives", "source", "feed", "files", "records", "MiB", title="Files")
    files: Counter[tuple[str, str, str]] = Counter()
    records: Counter[tuple[str, str, str]] = Counter()
    sizes: Counter[tuple[str, str, str]] = Counter()
    for file in report.files:
        key = (file.delivered_on.isoformat(), file.source, file.feed)
        files[key] += 1
        records[key] += file.records_count
        sizes[key] += file.file_bytes
    for key, count in files.items():
        table.add_row(*key, f"{count:,}", f"{records[key]:,}", f"{sizes[key] / _MIB:,.1f}")
    console.print(table)


def _print_noise(report: SampleReport, console: Console) -> None:
    table = Table("source", "feed", "field", "what is wrong", "records", title="Noise")
    for noise in report.noise:
        table.add_row(noise.source, noise.feed, noise.field, noise.noise_type, f"{noise.records_count:,}")
    console.print(table)
