"""`genome contracts`: checks what people decided, and derives dbt's source files from the contracts."""

from rich.console import Console

from orchestration.foundation.contract_schema import write_schema
from orchestration.foundation.contract_sources import write_sources
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import Settings


def check_contracts(settings: Settings, *, console: Console, with_schema: bool) -> None:
    """Write dbt's source files, and the schema that editors use if asked, and print the feeds that may land.

    Raises:
        ConfigurationFaulty: a contract or policy is wrong, with all faults at once; nothing is written.
    """
    contracts = load_contracts(settings.contracts_dir)
    load_policies(settings.policies_dir)
    written = write_sources(contracts, settings.dbt_dir)
    for path in (*written, write_schema(settings.contracts_dir)) if with_schema else written:
        shown = path.relative_to(settings.project_root) if path.is_relative_to(settings.project_root) else path
        console.print(f"wrote {shown}", soft_wrap=True)
    for feed in contracts.feeds():
        console.print(f"  {feed.source}/{feed.name}: {feed.file_pattern} in inbox/{feed.source}/", markup=False)
