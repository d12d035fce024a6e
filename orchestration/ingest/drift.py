"""What becomes of a file that is not as its contract agrees: kept and told, its records quarantined, or refused whole.

Columns: a reader puts cells that the contract does not know into `_extras`. Types and values: the cells of the landed
file are read by `cell_rules`, in one pass, where `on_drift` states what to do about them; where it does not, nothing is
read.

The division of work: landing judges whether a cell is what the contract says of its column, and only where it is asked
to. Staging judges what rows must be (keys, ranges, what belongs together) and, as ever, types and values of all that
landed: under `evolve`, and where nothing is stated, it alone rejects or repairs. What landing quarantined or refused is
in no raw table, so that staging never sees it and no record is refused twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np

from orchestration.foundation.contracts import FeedContract
from orchestration.foundation.feed_contract import WORKBOOKS
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.ingest.cell_rules import CellRule, Kind, WrittenAs, cell_rules
from orchestration.ingest.delivery import Account, CellDrift, Delivery
from orchestration.ingest.errors import ColumnsUnknown, TypesDrifted, ValuesDrifted
from orchestration.ingest.originals import TEXT_FORMATS, original_records, write_originals
from orchestration.ingest.readers import format_of_file

_WRITTEN_AS_TEXT = ("csv", "fixed_width", "xml")
_REASON_CODES = {"types": TypesDrifted.reason_code, "values": ValuesDrifted.reason_code}
_SHAPES_SHOWN = 5
_FORMATS_TRIED_ON = 1_000
_JUDGED = """
create temp view judged as
select *, case {codes} end as reason_code, concat_ws('; ', {texts}) as reason_text
from {raw}
"""
_KEPT = "select * exclude (reason_code, reason_text) from judged where reason_code is null"
_ORDINALS = "select _row_number from judged where reason_code is not null order by _row_number"
_FORMLESS = """
select
    _source, _feed, _file, _file_sha256, _row_number, line_number, byte_offset,
    coalesce(record_bytes, encode(to_json(struct_pack({cells}, _extras := _extras))::varchar)) as record_bytes,
    reason_code, reason_text, _ingested_at, _run_id
from judged
left join {originals} using (_row_number)
where reason_code is not null
"""


def judged(delivery: Delivery, account: Account) -> Account:
    """Return the account of a file after its contract's rules for drift were applied to what its reader wrote.

    By `evolve` unknown cells stay in `_extras`, and cells of other types or values where they are; by `quarantine` rows
    that have any become formless records with the bytes of the record (where a format has none, its cells as a JSON
    object of texts), each once, by the first rule of columns, types and values; by `freeze` the file is refused.

    Args:
        delivery: the file, its raw rows and formless records as its reader left them.
        account: what its reader counted.

    Raises:
        ColumnsUnknown: the contract freezes its columns and the file has others.
        TypesDrifted: the contract freezes its types and cells have others.
        ValuesDrifted: the contract freezes its values and cells have others.
    """
    rules, display = delivery.feed.on_drift, delivery.received.display
    if rules.columns == "freeze" and account.unknown_columns:
        raise ColumnsUnknown.of(display, account.unknown_columns, delivery.feed.source)
    is_surplus_refused = rules.columns == "quarantine" and bool(account.unknown_columns)
    if not is_surplus_refused and rules.types is None and rules.values is None:
        return account
    limits = delivery.limits
    with duckdb.connect(config={"memory_limit": limits.memory_limit, "threads": limits.threads}) as connection:
        connection.execute("set enable_progress_bar = false")
        landed = _Landed(connection, delivery)
        broken = landed.broken_rules()
        _require_none_frozen(delivery, [rule for rule, _ in broken], [drift for _, drift in broken])
        account = replace(account, drifts=tuple(drift for _, drift in broken))
        refused = [rule for rule, _ in broken if _rule_of(delivery.feed, rule.kind) == "quarantine"]
        if not refused and not is_surplus_refused:
            return account
        return landed.quarantined(account, refused, is_surplus_refused=is_surplus_refused)


def _rule_of(feed: FeedContract, kind: Kind) -> str | None:
    return feed.on_drift.types if kind == "types" else feed.on_drift.values


def _require_none_frozen(delivery: Delivery, rules: Sequence[CellRule], drifts: Sequence[CellDrift]) -> None:
    for kind, error in (("types", TypesDrifted), ("values", ValuesDrifted)):
        evidence = [
            f"{rule.column}: {drift.cells_count} cells are {rule.agreed}, such as {', '.join(map(repr, drift.shapes))}"
            for rule, drift in zip(rules, drifts, strict=True)
            if rule.kind == kind and _rule_of(delivery.feed, rule.kind) == "freeze"
        ]
        if evidence:
            raise error.of(delivery.received.display, evidence, delivery.feed.source)


class _Landed:
    """The rows of one file that its reader wrote, before they are committed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
        self._connection = connection
        self._delivery = delivery
        self._raw = f"read_parquet({quote_literal(str(delivery.raw.path))})"

    def broken_rules(self) -> list[tuple[CellRule, CellDrift]]:
        """Return the rules for cells that some cell breaks, with what was found."""
        rules = list(cell_rules(self._delivery.feed, self._written_as(), self._likeliest_first))
        if not rules:
            return []
        counted = ", ".join(f"count_if({rule.is_broken})" for rule in rules)
        [counts] = self._connection.execute(f"select {counted} from {self._raw}").fetchall()
        return [
            (rule, CellDrift(rule.kind, rule.column, count, self._shapes(rule)))
            for rule, count in zip(rules, counts, strict=True)
            if count
        ]

    def quarantined(self, account: Account, rules: Sequence[CellRule], *, is_surplus_refused: bool) -> Account:
        """Return the account after rows that break one of `rules`, or have surplus cells, became formless records."""
        delivery, quarantine = self._delivery, self._delivery.quarantine
        kept, formless = delivery.work / "kept.parquet", delivery.work / "drifted.parquet"
        cases = [(rule.is_broken, _REASON_CODES[rule.kind], _told(rule)) for rule in rules]
        if is_surplus_refused:
            told = quote_literal("has cells in columns that the contract does not know")
            cases.insert(0, ("_extras is not null", ColumnsUnknown.reason_code, told))
        codes = " ".join(f"when {is_broken} then {quote_literal(code)}" for is_broken, code, _ in cases)
        texts = ", ".join(f"case when {is_broken} then {text} end" for is_broken, _, text in cases)
        self._connection.execute(_JUDGED.format(codes=codes, texts=texts, raw=self._raw))
        landed = self._copied(_KEPT, kept)
        cells = ", ".join(f"{quote_identifier(name)} := {quote_identifier(name)}" for name in delivery.feed.columns)
        parts = [_FORMLESS.format(cells=cells, originals=self._originals())]
        if quarantine.count:
            parts.append(f"select * from read_parquet({quote_literal(str(quarantine.path))})")
        quarantined = self._copied(" union all by name ".join(parts) + " order by _row_number", formless)
        kept.replace(delivery.raw.path)
        quarantine.take(formless, quarantined)
        return replace(account, landed=landed, quarantined=quarantined)

    def _originals(self) -> str:
        """Return the SQL of a table of the records that do not stay, as they were delivered; empty where none are."""
        delivery, path = self._delivery, self._delivery.work / "originals.parquet"
        stated = format_of_file(delivery.plain, delivery.feed)
        ordinals = np.asarray(self._connection.execute(_ORDINALS).fetchnumpy()["_row_number"], dtype=np.int64)
        wanted = ordinals if stated in TEXT_FORMATS else ordinals[:0]
        found = original_records(delivery.plain, delivery.feed, stated, wanted, display=delivery.received.display)
        write_originals(found, path)
        return f"read_parquet({quote_literal(str(path))})"

    def _shapes(self, rule: CellRule) -> tuple[str, ...]:
        query = (
            f"select {rule.shape} as shape from {self._raw} where {rule.is_broken} "
            f"group by shape order by count(*) desc, shape limit {_SHAPES_SHOWN}"
        )
        return tuple(str(shape) for (shape,) in self._connection.execute(query).fetchall())

    def _written_as(self) -> WrittenAs:
        stated = format_of_file(self._delivery.plain, self._delivery.feed)
        if stated in _WRITTEN_AS_TEXT:
            return "text"
        return "sheet" if stated in WORKBOOKS else "values"

    def _likeliest_first(self, column: str, formats: Sequence[str]) -> Sequence[str]:
        """Return a column's formats, those first in which most of its first cells are written."""
        cell = quote_identifier(column)
        counted = ", ".join(f"count(try_strptime(trim(cell), {quote_literal(stated)}))" for stated in formats)
        some = f"select {cell} as cell from {self._raw} where {cell} <> '' limit {_FORMATS_TRIED_ON}"
        [counts] = self._connection.execute(f"select {counted} from ({some})").fetchall()
        found = dict(zip(formats, counts, strict=True))
        return sorted(formats, key=lambda stated: -found[stated])

    def _copied(self, query: str, path: Path) -> int:
        """Return the rows of a query after writing them to a Parquet file."""
        target = quote_literal(str(path))
        copied = self._connection.execute(f"copy ({query}) to {target} (format parquet, compression zstd)")
        [(count,)] = copied.fetchall()
        return int(count)


def _told(rule: CellRule) -> str:
    return f"{quote_literal(f'{rule.column} is {rule.agreed}: ')} || {rule.shape}"
