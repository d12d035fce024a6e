"""What a comparison with the truth says: one finding a row, and the databases that a claim reads.

Belongs here: the vocabulary that all claims share. What is compared is each claim's module; which there are is
`claims`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.sql import quote_identifier, quote_literal


class NothingToEvaluate(GenomeError):
    """A lake of which there is no truth, or nothing that was concluded."""

    @classmethod
    def because_of_truth(cls, root: Path) -> "NothingToEvaluate":
        """Return the error for a lake without the truth of a sample company."""
        return cls(
            f"{root} holds no truth table; only the sample company has one. `genome demo` makes it and its night."
        )

    @classmethod
    def because_of_product(cls, path: Path) -> "NothingToEvaluate":
        """Return the error for a lake in which no night has published anything."""
        return cls(f"{path} does not exist: no night has been published. `genome night` runs one.")


@dataclass(frozen=True)
class Finding:
    """One comparison of what was concluded with what is true.

    Attributes:
        claim: what the product claims, as its README would.
        subject: of what, such as a feed or a kind of record.
        found: what the product says; None where it cannot be compared.
        true: what is true.
        measure: how they compare, in words with its value.
    """

    claim: str
    subject: str
    found: float | None
    true: float | None
    measure: str


@dataclass(frozen=True)
class Claim:
    """One claim of the product and how it is held against the truth.

    Attributes:
        name: what is claimed.
        needs: the tables of the product that it reads, as `serving.<table>` or `warehouse.<schema>.<table>`.
        compare: yields the findings; None while nobody has written the comparison.
    """

    name: str
    needs: tuple[str, ...]
    compare: Callable[[duckdb.DuckDBPyConnection], Iterator[Finding]] | None

    def findings(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
        """Yield what the comparison says, or why it cannot be made yet."""
        missing = [table for table in self.needs if not has_table(connection, table)]
        if missing:
            yield Finding(self.name, "all", None, None, f"not computable yet: needs {', '.join(missing)}")
        elif self.compare is None:
            yield Finding(self.name, "all", None, None, f"not compared yet, though {', '.join(self.needs)} is there")
        else:
            yield from self.compare(connection)


@contextmanager
def opened(*, serving: Path, warehouse: Path, truth_root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that sees the published database, the warehouse (both read-only) and the truth as schemas.

    Raises:
        NothingToEvaluate: one of them is missing.
    """
    tables = sorted(truth_root.glob("*.parquet"))
    if not tables:
        raise NothingToEvaluate.because_of_truth(truth_root.parent)
    for path in (serving, warehouse):
        if not path.is_file():
            raise NothingToEvaluate.because_of_product(path)
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote_literal(str(serving))} as serving (read_only)")
        connection.execute(f"attach {quote_literal(str(warehouse))} as warehouse (read_only)")
        connection.execute("create schema truth")
        for path in tables:
            view = f"truth.{quote_identifier(path.stem)}"
            connection.execute(f"create view {view} as from read_parquet({quote_literal(str(path))})")
        yield connection


def has_table(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Return whether the product has a table, by the name that claims use."""
    database, *schema, name = table.split(".")
    found = connection.execute(
        "select count(*) from information_schema.tables "
        "where table_catalog = $database and table_schema = $schema and table_name = $name",
        {"database": database, "schema": schema[0] if schema else "main", "name": name},
    ).fetchone()
    return bool(found and found[0])
