"""Faults of a feed contract that no single field shows: names, keys, headers and rules that do not fit together."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from orchestration.foundation.errors import some_of
from orchestration.foundation.feed_contract import (
    WORKBOOKS,
    FeedContract,
    FixedWidthContract,
    StandardiseRule,
    folded_header,
)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FORMAT = re.compile(r"[^%]*(%(-?[dmyHIMSj]|[aAwbhBYpfzZUWcxXgnuVGT%])[^%]*)+")


def is_name(text: str) -> bool:
    """Return whether `text` may name a source, feed or column: snake_case, at most 63 characters."""
    return _NAME.fullmatch(text) is not None


def feed_faults(feed: FeedContract) -> Iterator[tuple[str, str]]:
    """Yield each fault of one feed, as its place in the contract and what is wrong there."""
    names = [feed.name, *feed.columns]
    for name in names:
        if not is_name(name):
            yield "name" if name == feed.name else f"columns.{name}", "must be snake_case letters, digits and '_'"
    for column in feed.key:
        if column not in feed.columns:
            yield "key", f"names {column!r}, which is no column; there are {some_of(feed.columns, limit=20)}"
    for number, rule in enumerate(feed.standardise):
        yield from ((f"standardise.{number}", fault) for fault in _rule_faults(feed, rule))
    yield from _header_faults(feed)
    yield from (("on_drift", fault) for fault in _drift_faults(feed))
    if feed.duplicate_rule == "latest_version" and not feed.key:
        yield "duplicate_rule", "is 'latest_version', which needs a key; state the key or use 'exact_row'"
    if feed.delimiter == feed.quote:
        yield "delimiter", "is also the quote"
    yield from _sheet_faults(feed)
    yield from (("fixed_width", fault) for fault in _width_faults(feed))
    yield from _xml_faults(feed)
    if feed.records is not None and feed.format != "json":
        yield "records", f"is stated, but the format is {feed.format!r}; only json has arrays inside objects"
    if "/" in feed.file_pattern or "\\" in feed.file_pattern:
        yield "file_pattern", "is matched with a file's base name and may hold no path"


def _sheet_faults(feed: FeedContract) -> Iterator[tuple[str, str]]:
    if feed.spreadsheet is not None and feed.format not in WORKBOOKS:
        yield "spreadsheet", f"is stated, but the format is {feed.format!r}; only {', '.join(WORKBOOKS)} have sheets"
    if feed.format in WORKBOOKS and not feed.required_columns:
        yield "columns", "need a required one, since the header of a sheet is found by its columns' names"


def _xml_faults(feed: FeedContract) -> Iterator[tuple[str, str]]:
    if (feed.xml is None) == (feed.format == "xml"):
        yield "xml", f"states the record element exactly when the format is xml; it is {feed.format!r}"
    if feed.format == "xml" and feed.encoding != "detect":
        yield "encoding", "is stated, but an XML file declares its own"


def _width_faults(feed: FeedContract) -> Iterator[str]:
    rules = feed.fixed_width
    if (rules is None) == (feed.format == "fixed_width"):
        yield f"states the positions of cells exactly when the format is fixed_width; it is {feed.format!r}"
    if rules is None:
        return
    for column in rules.positions:
        if column not in feed.columns:
            yield f"places {column!r}, which is no column"
    for column in feed.required_columns:
        if column not in rules.positions:
            yield f"places the required column {column!r} nowhere"
    yield from _place_faults(rules)


def _place_faults(rules: FixedWidthContract) -> Iterator[str]:
    behind, owner = 0, ""
    for column, (first, last) in sorted(rules.positions.items(), key=lambda item: item[1]):
        if not 1 <= first <= last:
            yield f"places {column!r} at characters {first} to {last}; the first is 1, and none ends before it begins"
        elif first <= behind:
            yield f"places {column!r} where {owner!r} stands"
        behind, owner = max((behind, owner), (last, column))
    if rules.record_width is not None and rules.record_width < behind:
        yield f"states a record_width of {rules.record_width}, but {owner!r} ends at character {behind}"


def _drift_faults(feed: FeedContract) -> Iterator[str]:
    if feed.on_drift.types is not None and all(column.type == "text" for column in feed.columns.values()):
        yield "states what to do with cells of another type, but every column is text"
    if feed.on_drift.values is not None and not any(column.accepted_values for column in feed.columns.values()):
        yield "states what to do with values that are not accepted, but no column has accepted_values"


def _rule_faults(feed: FeedContract, rule: StandardiseRule) -> Iterator[str]:
    places = [(rule.column, rule.json_path), (rule.country_column, rule.country_json_path)]
    for column, json_path in places:
        if column is None:
            if json_path is not None:
                yield "states a country_json_path without a country_column"
        elif column not in feed.columns:
            yield f"names {column!r}, which is no column"
        elif (feed.columns[column].type == "json") != (json_path is not None):
            yield f"needs a json path exactly when its column is json ({column!r} is {feed.columns[column].type})"
    if rule.kind != "phone" and rule.country_column is not None:
        yield "states a country_column, which only phones have"
    if rule.country is not None and (rule.kind != "phone" or rule.country_column is not None):
        yield "states a country, which only phones have, and only those without a country_column"


def _header_faults(feed: FeedContract) -> Iterator[tuple[str, str]]:
    owners: dict[str, str] = {}
    for name, column in feed.columns.items():
        for header in (name, *column.aliases):
            owner = owners.setdefault(folded_header(header), name)
            if owner != name:
                yield f"columns.{name}", f"answers to the header {header!r}, as {owner!r} does"
        if column.formats and column.type not in ("date", "timestamp"):
            yield f"columns.{name}", f"has formats, which type {column.type} has not"
        for stated in column.formats:
            if not _FORMAT.fullmatch(stated):
                yield (
                    f"columns.{name}",
                    f"has the format {stated!r}, which is none of strptime; write %Y-%m-%d and so on",
                )
        if column.digits is not None and column.type != "text":
            yield f"columns.{name}", f"states its digits, but is {column.type}; an id of digits is text"


def overlap_faults(feeds: Mapping[str, FeedContract]) -> Iterator[str]:
    """Yield a fault for each pair of feeds of one source that claim the same file names."""
    listed = list(feeds.values())
    for number, feed in enumerate(listed):
        for other in listed[number + 1 :]:
            if _matches_example_of(feed, other) or _matches_example_of(other, feed):
                yield f"{feed.name!r} and {other.name!r} claim the same files by their file_pattern"


def _matches_example_of(feed: FeedContract, other: FeedContract) -> bool:
    example = re.sub(r"\[.*?\]|\?", "0", other.file_pattern.replace("*", "0"))
    return fnmatchcase(example, feed.file_pattern)
