"""`genome evaluate`: what the product concluded of the sample company, beside what is true; reads only."""

from rich.console import Console
from rich.table import Table

from orchestration.cli.sample import truth_root_of
from orchestration.foundation.settings import Settings
from orchestration.sample_company.evaluation.claims import evaluate
from orchestration.sample_company.evaluation.findings import opened

_WHOLE = 100


def run_evaluation(settings: Settings, *, console: Console) -> None:
    """Print one line a finding: the claim, what was found, what is true, and how they compare.

    Raises:
        NothingToEvaluate: the lake has no sample company, or nothing was published of it.
    """
    grid = Table(title="The product's claims, held against the truth", title_justify="left", box=None)
    for title in ("claim", "of what"):
        grid.add_column(title, overflow="fold")
    for title in ("found", "true"):
        grid.add_column(title, justify="right", no_wrap=True)
    grid.add_column("how they compare", overflow="fold")
    last = ""
    with opened(
        serving=settings.serving_dir / "genome.duckdb",
        warehouse=settings.warehouse_path,
        truth_root=truth_root_of(settings),
    ) as connection:
        for finding in evaluate(connection):
            claim = "" if finding.claim == last else finding.claim
            last = finding.claim
            grid.add_row(claim, finding.subject, _number(finding.found), _number(finding.true), finding.measure)
    console.print(grid)


def _number(value: float | None) -> str:
    """Return a number as people read it: shares and ratios to three places, counts in full.

    Example:
        >>> [_number(value) for value in (None, 0.91666, 1234.0, 812.4)]
        ['', '0.917', '1,234', '812']
    """
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= _WHOLE or value == int(value) else f"{value:.3f}"
