"""Models of dbt as DuckDB runs them, rendered with the project's own macros and without starting dbt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment

from orchestration.foundation.settings import PROJECT_ROOT


class _Adapter:
    """Finds DuckDB's version of a macro, as dbt's adapter does."""

    def __init__(self, macro: Callable[[str], Any]) -> None:
        self._macro = macro

    def dispatch(self, name: str) -> Any:
        return self._macro(f"default__{name}")


def rendered(sql: str, *, columns: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """Return the SQL of a full build of a model; sources and refs are tables named `<source>_<table>` and as the model.

    Args:
        sql: text of the model.
        columns: the contract's columns by source and feed.
    """
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL, and no page
    environment.globals.update(
        {
            "return": lambda value: value,
            "config": lambda **_: "",
            "source": lambda source, table: f"{source}_{table}",
            "ref": lambda model: model,
            "is_incremental": lambda: False,
            "adapter": _Adapter(lambda name: getattr(macros, name)),
        }
    )
    folder = PROJECT_ROOT / "dbt_project" / "macros"
    paths = [*sorted(folder.glob("*.sql")), *sorted((folder / "engine").glob("*.sql"))]
    macros = environment.from_string("\n".join(path.read_text(encoding="utf-8") for path in paths)).module
    environment.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})
    environment.globals["contract_columns"] = lambda source, feed: list(columns[source, feed])
    return environment.from_string(sql).render()
