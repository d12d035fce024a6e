"""Models of dbt as DuckDB runs them, rendered with the project's own macros and without starting dbt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import Environment

from orchestration.foundation.feed_contract import ColumnContract
from orchestration.foundation.settings import PROJECT_ROOT

Columns: TypeAlias = Sequence[str] | Mapping[str, ColumnContract]
_SAID_BY_CONTRACTS = ("contract_column", "contract_columns", "contracts_stated")


class _Adapter:
    """Finds DuckDB's version of a macro, as dbt's adapter does."""

    def __init__(self, macro: Callable[[str], Any]) -> None:
        self._macro = macro

    def dispatch(self, name: str) -> Any:
        return self._macro(f"default__{name}")


def rendered(sql: str, *, columns: Mapping[tuple[str, str], Columns], this: str = "") -> str:
    """Return the SQL of a build of a model; sources and refs are tables named `<source>_<table>` and as the model.

    Args:
        sql: text of the model.
        columns: the contract's columns by source and feed, by name where a model asks what the contract says of them.
        this: the table that an incremental build adds to; empty for a full one.
    """
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL, and no page
    environment.globals.update(
        {
            "return": lambda value: value,
            "config": lambda **_: "",
            "source": lambda source, table: f"{source}_{table}",
            "ref": lambda model: model,
            "is_incremental": lambda: bool(this),
            "this": this,
            "contract_column": lambda source, feed, name: _by_name(columns[source, feed])[name],
            "contract_columns": lambda source, feed: list(columns[source, feed]),
            "var": {"reporting_currency_code": "GBP"}.__getitem__,
            "adapter": _Adapter(lambda name: getattr(macros, name)),
        }
    )
    folder = PROJECT_ROOT / "dbt_project" / "macros"
    paths = [*sorted(folder.glob("*.sql")), *sorted((folder / "engine").glob("*.sql"))]
    paths = [path for path in paths if path.stem not in _SAID_BY_CONTRACTS]
    macros = environment.from_string("\n".join(path.read_text(encoding="utf-8") for path in paths)).module
    environment.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})
    return environment.from_string(sql).render()


def _by_name(columns: Columns) -> Mapping[str, ColumnContract]:
    assert isinstance(columns, Mapping), "the model asks what the contract says of a column"
    return columns
