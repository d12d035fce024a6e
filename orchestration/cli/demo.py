"""`genome demo`: the sample company's files, its night, and three answers with the SQL that gives them."""

from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from orchestration.automation import NIGHTLY
from orchestration.cli.runs import NightFailed, run_job
from orchestration.cli.sample import require_own_lake, truth_root_of
from orchestration.cli.status import print_deliveries, print_published
from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.settings import Settings
from orchestration.sample_company.company import write_sample_company

_LAST_DAY = date(2026, 6, 30)


@dataclass(frozen=True)
class Question:
    """One question of a retailer and the SQL that answers it from the published database."""

    asked: str
    sql: str


QUESTIONS = (
    Question(
        "Who are the ten most valuable customers that are likely to buy in the next 90 days?",
        """select customer_id, segment_name, net_revenue_amount_365d as net_revenue_365d,
       round(purchase_probability_next_90d, 2) as probability,
       purchase_reasons_json ->> '$[0].label' as first_reason
from mart_customer_360
where purchase_probability_next_90d >= 0.5
order by net_revenue_amount_365d desc, customer_id
limit 10""",
    ),
    Question(
        "What does each segment bring?",
        """select segment_name, customers_count, net_revenue_amount_365d as net_revenue_365d,
       round(100 * net_revenue_share_365d, 1) as percent_of_revenue
from mart_segments
order by segment_rank""",
    ),
    Question(
        "What was refused most, and why?",
        """select source, feed, row_fate, reason_code, sum(records_count)::bigint as records
from mart_row_ledger
where row_fate in ('quarantined', 'rejected')
group by all
order by records desc, source, reason_code
limit 12""",
    ),
)


def run_demo(settings: Settings, *, console: Console, customers_count: int, seed: int) -> None:
    """Make the sample company, run its night and print what was published and three answers.

    Raises:
        SampleLakeTaken: the lake holds data of other sources.
        NightFailed: a gate or a step refused.
    """
    require_own_lake(settings)
    with console.status("making the sample company") as status:
        write_sample_company(
            settings.lake_root / "inbox",
            customers_count=customers_count,
            seed=seed,
            ends_on=_LAST_DAY,
            truth_root=truth_root_of(settings),
            progress=lambda what: status.update(f"making the sample company: {what}"),
        )
    end = run_job(settings, NIGHTLY, console=console, as_of_on=_LAST_DAY)
    if not end.is_success:
        raise NightFailed.because(end)
    print_deliveries(settings, console, run_id=end.run_id)
    print_published(settings, console)
    for question in QUESTIONS:
        _answer(settings, console, question)
    console.print(
        "\n[bold]Next[/]: `genome ui` opens the page with every run; `genome status` says how the night went."
    )


def _answer(settings: Settings, console: Console, question: Question) -> None:
    console.print(f"\n[bold]{question.asked}[/]")
    console.print(Syntax(question.sql, "sql", theme="ansi_dark", background_color="default"))
    limits = DuckdbLimits(settings.duckdb_memory_limit, settings.duckdb_threads)
    with connect(settings.serving_dir / "genome.duckdb", limits, read_only=True) as connection:
        found = connection.execute(question.sql)
        columns = [column[0] for column in found.description or []]
        rows = found.fetchall()
    grid = Table(header_style="dim", box=None)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(grid)
