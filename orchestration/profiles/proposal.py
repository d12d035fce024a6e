"""The contract that a file's profiles propose: YAML for a person to read, change and keep.

What is proposed loads as it is; what it says of personal data errs on the careful side.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from orchestration.foundation.feed_contract import folded_header
from orchestration.profiles.columns import ColumnProfile
from orchestration.profiles.meanings import Kind, Meaning, words_of
from orchestration.profiles.naming import not_taken, snake_case

VALUES_NAMED = 5

_RETENTION_DAYS = 730
_LINE_WIDTH = 110
_KEY_WORDS = {"id", "uuid", "guid", "key", "number", "no", "nr", "code", "sku", "customerid", "line", "week", "ref"}
_OF_LIFE = {"birth", "birthday", "birthdate", "dob", "death"}
_NEVER_KEY: frozenset[Kind] = frozenset(
    {"empty", "name", "amount", "number", "free_text", "json", "boolean", "address"}
)
_STANDARDISED: Mapping[Kind, str] = {"email": "email", "phone": "phone", "name": "name", "country": "country"}
_SAYS: Mapping[Kind, str] = {
    "empty": "Empty in every row of the first file",
    "email": "E-mail address as delivered",
    "phone": "Phone number as delivered, in whatever form",
    "name": "Name of a person or company as delivered",
    "address": "Part of a postal address as delivered",
    "country": "Country as a name or a code",
    "date": "Day",
    "timestamp": "Instant, local time where it states no offset",
    "boolean": "Whether it holds, as a word for yes or no",
    "json": "Object or list as JSON text",
    "amount": "Amount of money",
    "number": "Number with decimals",
    "integer": "Whole number",
    "id": "Identifier, kept as text with its leading zeros",
    "category": "One of a few words",
    "free_text": "Free text; may hold anything",
    "text": "Text as delivered",
}
_PURPOSES: Mapping[Kind, str] = {
    "email": "contact and identity",
    "phone": "contact and identity",
    "name": "address and identity",
    "address": "address and identity",
    "country": "region and phone numbers",
    "date": "when it happened",
    "timestamp": "when it happened",
    "amount": "totals and averages",
    "number": "measures",
    "integer": "counts and measures",
    "id": "leads to the thing it names",
    "category": "groups in reports",
    "boolean": "groups in reports",
}


@dataclass(frozen=True)
class FileLooks:
    """How a file is written, as its contract will say: only what the format has.

    Attributes:
        file_name: as it was given.
        stated: `format`, and any of `delimiter`, `encoding`, `spreadsheet`, `records` and `xml`.
        timezone: of times without an offset.
    """

    file_name: str
    stated: Mapping[str, object]
    timezone: str


@dataclass(frozen=True)
class ProposedColumn:
    """One column of a proposed contract: its name there, its header in the file, what was found in it."""

    name: str
    header: str
    profile: ColumnProfile
    meaning: Meaning

    @property
    def is_clock(self) -> bool:
        """Whether the column may tell which version of a row is newer; a birthday does not."""
        return self.meaning.type in {"date", "timestamp"} and not _OF_LIFE & set(words_of(self.name))


def columns_of_headers(headers: Sequence[str]) -> dict[str, str]:
    """Return the header by the name that each column gets in the contract.

    A header that is empty, stands twice or holds control characters names no column: such cells go to `_extras`.
    """
    folded = [folded_header(header) for header in headers]
    named: dict[str, str] = {}
    for place, header in enumerate(headers, start=1):
        own = header.strip()
        if own and own.isprintable() and folded.count(folded_header(header)) == 1:
            named[not_taken(snake_case(own, otherwise=f"column_{place}"), named)] = own
    return _without_rivals(named)


def _without_rivals(named: Mapping[str, str]) -> dict[str, str]:
    """Return the columns, renamed where one's name is another's header."""
    headers = {folded_header(header): name for name, header in named.items()}
    freed: dict[str, str] = {}
    for name, header in named.items():
        is_rival = headers.get(name, name) != name
        freed[not_taken(f"{name}_column", {*named, *freed}) if is_rival else name] = header
    return freed


def key_candidates(columns: Sequence[ProposedColumn]) -> list[ProposedColumn]:
    """Return the columns that may tell rows apart, likely ones first: full, and neither measures nor words."""
    able = [
        column
        for column in columns
        if column.profile.empty_count == 0
        and column.profile.distinct_count > 1
        and column.meaning.kind not in _NEVER_KEY
        and (column.meaning.kind in {"id", "date", "timestamp", "email"} or set(words_of(column.name)) & _KEY_WORDS)
    ]
    return sorted(able, key=lambda column: -column.profile.distinct_count)


def contract_document(
    source: str, feed: str, looks: FileLooks, columns: Sequence[ProposedColumn], key: Sequence[str]
) -> dict[str, Any]:
    """Return the proposed contract of one source with one feed.

    Args:
        source: name of the source.
        feed: name of the feed.
        looks: how the file is written.
        columns: what was found, in the order of the file.
        key: names of the columns that tell rows apart; empty for none.
    """
    required = set(key) or {next((c.name for c in columns if c.profile.empty_count == 0), columns[0].name)}
    has_time = any(column.is_clock for column in columns)
    grain = f"{' and '.join(key)} of {source} {feed}" if key else f"line of {source} {feed}"
    body: dict[str, Any] = {
        "description": f"One row per {grain}, as delivered.",
        **looks.stated,
        "file_pattern": file_pattern(looks.file_name),
        "timezone": looks.timezone,
        "delivery": "snapshot" if key and not has_time else "delta" if key else "events",
        **({"key": list(key)} if key else {}),
        "duplicate_rule": "latest_version" if key else "exact_row",
        "on_refused_file": "warn",
        "retention_days": _RETENTION_DAYS,
        "columns": {column.name: _column(column, column.name in required, column.name in key) for column in columns},
    }
    rules = [
        {"as": _STANDARDISED[column.meaning.kind], "column": column.name}
        for column in columns
        if column.meaning.kind in _STANDARDISED
    ]
    if rules:
        body["standardise"] = rules
    return {
        "source": source,
        "owner": "data-platform",
        "description": f"Files that {source} delivers; proposed from the first one.",
        "feeds": {feed: body},
    }


def contract_yaml(document: Mapping[str, Any]) -> str:
    """Return the text of a contract file."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=_LINE_WIDTH)


def file_pattern(file_name: str) -> str:
    """Return the glob that a file and its later deliveries match: what follows the first number of its name is open.

    Example:
        >>> file_pattern("contacts_2026-11-21.csv.gz"), file_pattern("all [old].csv")
        ('contacts_*.csv*', 'all [[]old]*.csv*')
    """
    stem, dot, rest = file_name.partition(".")
    extension = rest.split(".")[0] if rest else ""
    fixed = re.split(r"[0-9]", stem)[0]
    escaped = re.sub(r"([*?[])", r"[\1]", fixed)
    return f"{escaped}*{dot}{re.sub(r'[^A-Za-z]', '?', extension)}*" if dot else f"{escaped}*"


def _column(column: ProposedColumn, is_required: bool, is_key: bool) -> dict[str, Any]:  # noqa: FBT001 - two facts of one column
    meaning = column.meaning
    stated: dict[str, Any] = {"type": meaning.type}
    if is_required:
        stated["required"] = True
    if folded_header(column.header) != column.name:
        stated["aliases"] = [column.header]
    if meaning.formats:
        stated["formats"] = list(meaning.formats)
    if meaning.decimal_mark != ".":
        stated["decimal_mark"] = meaning.decimal_mark
    stated["pii"] = meaning.pii
    stated["purpose"] = "tells rows apart" if is_key else _purpose(column)
    stated["description"] = f"{_SAYS[meaning.kind]}{_values_seen(column)}."
    return stated


def _purpose(column: ProposedColumn) -> str:
    if column.meaning.type == "date" and not column.is_clock:
        return "identity and age group"
    return _PURPOSES.get(column.meaning.kind, "kept as delivered until a use of it is agreed")


def _values_seen(column: ProposedColumn) -> str:
    values = list(column.profile.top_values)
    if column.meaning.kind != "category" or column.meaning.pii != "none":
        return ""
    more = column.profile.distinct_count - len(values[:VALUES_NAMED])
    return f", such as {', '.join(values[:VALUES_NAMED])}" + (f" and {more} more" if more > 0 else "")
