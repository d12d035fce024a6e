"""dbt's source files and what its macros ask of a contract, derived from the contracts so that columns are stated once.

What staging makes of the columns belongs to dbt; the views that the sources name are the registrar's.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from orchestration.foundation.contracts import PROVENANCE, ColumnContract, Contracts, FeedContract, SourceContract
from orchestration.foundation.lake_io import view_name, write_bytes_atomically

_HEADER = "# Derived from lake/contracts/{source}.yml, the one truth for what this source may land; do not edit.\n"
_MACRO = "contracts_stated"
_MACRO_HEADER = "{# Derived from lake/contracts, the one truth for what may land; do not edit. #}"
_DATA_TYPES = {pa.string(): "varchar", pa.int64(): "bigint", pa.timestamp("us"): "timestamp"}
_LINE_WIDTH = 100


def sources_yaml(contract: SourceContract) -> str:
    """Return the text of the dbt source file of one source: its feeds as tables, their raw columns in order."""
    tables = [_table(feed, contract.owner) for feed in contract.feeds.values()]
    schema, _ = view_name(next(iter(contract.feeds.values())).table)
    source = {"name": contract.source, "schema": schema, "description": contract.description, "tables": tables}
    body = yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=_LINE_WIDTH)
    return _HEADER.format(source=contract.source) + body


def sources_path(dbt_dir: Path, source: str) -> Path:
    """Return where the dbt source file of `source` lies."""
    return dbt_dir / "models" / "staging" / source / f"_{source}__sources.yml"


def macro_text(contracts: Contracts) -> str:
    """Return the text of the dbt macro that gives staging's macros each column's digits, formats and accepted values.

    A macro, since dbt's graph of sources is not there in its unit tests.
    """
    lines = [_MACRO_HEADER, f"{{% macro {_MACRO}() -%}}", "{{ return({"]
    for source, contract in contracts.items():
        lines.append(f'"{source}": {{')
        for feed in contract.feeds.values():
            lines.append(f'  "{feed.name}": {{')
            lines += [f'    "{name}": {_asked_by_staging(column)},' for name, column in feed.columns.items()]
            lines.append("  },")
        lines.append("},")
    return "\n".join([*lines, "}) }}", "{%- endmacro %}", ""])


def macro_path(dbt_dir: Path) -> Path:
    """Return where that macro lies."""
    return dbt_dir / "macros" / f"{_MACRO}.sql"


def _asked_by_staging(column: ColumnContract) -> str:
    """Return what staging's macros ask of a column, as a literal that Jinja reads."""
    stated = {
        "digits": column.digits,
        "formats": list(column.formats),
        "accepted_values": list(column.accepted_values),
    }
    return json.dumps({name: value for name, value in stated.items() if value}, ensure_ascii=False)


def write_sources(contracts: Contracts, dbt_dir: Path) -> tuple[Path, ...]:
    """Return the derived dbt files after writing that of every contract; to be run whenever a contract changes."""
    written = {sources_path(dbt_dir, source): sources_yaml(contract) for source, contract in contracts.items()}
    written[macro_path(dbt_dir)] = macro_text(contracts)
    for path, text in written.items():
        write_bytes_atomically(path, text.encode())
    return tuple(written)


def _table(feed: FeedContract, owner: str) -> dict[str, Any]:
    columns = [_column(name, "varchar", column.description, column.pii) for name, column in feed.columns.items()]
    provenance = [
        # Columns that nobody described may hold anything.
        _column(name, _DATA_TYPES[kind], text, "direct" if name == "_extras" else "none")
        for name, (kind, text) in PROVENANCE.items()
    ]
    return {
        "name": feed.name,
        "description": feed.description,
        "config": {"meta": {"owner": owner, "dagster": {"asset_key": feed.table.split("/")}}},
        "columns": [*columns, *provenance],
    }


def _column(name: str, data_type: str, description: str, pii: str) -> dict[str, Any]:
    return {
        "name": name,
        "data_type": data_type,
        "description": description,
        "config": {"meta": {"pii": pii}},
    }
