"""The raw gate, derived from the feed contracts: what landed is whole, typed as agreed and accounted for.

It reads what arrived since the last closed night; what a file must not share with any other, and how long ago a feed
delivered, is asked of the ledger of all time (see `raw_views`).
"""

from collections.abc import Iterable

from orchestration.foundation.contracts import PROVENANCE, ColumnContract, Contracts, FeedContract
from orchestration.foundation.lake_io import view_name
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.quality.declarations import (
    Builtin,
    Check,
    FactSpec,
    GateSpec,
    NoRows,
    WithinLimits,
    not_null,
    one_of,
)

LEDGER = "lake_ledger.files"
LEDGER_EVER = "lake_ledger.files_ever"
QUARANTINE = "lake_quarantine.records"
_NULLABLE_PROVENANCE = ("_extras",)


def gate(contracts: Contracts) -> GateSpec:
    """Return the raw gate over every feed that a contract names, the file ledger and the quarantine."""
    feeds = tuple(fact for feed in contracts.feeds() for fact in _feed(feed))
    return GateSpec(
        "raw",
        "Every delivered record is landed or quarantined, and what landed has the shape of its contract.",
        (*feeds, *_ledger(), *_quarantine()),
    )


def _feed(feed: FeedContract) -> tuple[FactSpec, ...]:
    table = ".".join(view_name(feed.table))
    name = f"{feed.source}/{feed.name}"

    def fact(sentence: str, description: str, *checks: Check, reads: str = "") -> FactSpec:
        return FactSpec(table, sentence, description, ("raw", feed.source, feed.name), checks, name, reads)

    always = (
        fact(
            "every_contract_column_is_there",
            "The table has every column of the contract and of provenance.",
            Builtin(
                "ExpectTableColumnsToMatchSet",
                {"column_set": [*feed.columns, *PROVENANCE], "exact_match": False},
            ),
        ),
        fact(
            "provenance_is_complete",
            "Each row says from which record of which file it came, when and by which run.",
            *not_null(*(column for column in PROVENANCE if column not in _NULLABLE_PROVENANCE)),
            NoRows(
                "select _file_sha256 || ':' || _row_number as key from $batch where _row_number < 1 or "
                "not regexp_full_match(_file_sha256, '[0-9a-f]{64}') or "
                f"_source <> {quote_literal(feed.source)} or _feed <> {quote_literal(feed.name)}"
            ),
        ),
        fact(
            "row_counts_equal_the_ledger",
            "Each file has as many landed rows as the ledger says, and every file is in the ledger.",
            NoRows(_files_unlike_the_ledger(feed, "landed_count")),
        ),
        fact(
            "quarantined_share_is_under_its_limit",
            "No file had more records quarantined than the quality policy allows.",
            WithinLimits(_worst_quarantined_share(feed), "highest_share", "$quarantined_share_at_most"),
            reads=LEDGER,
        ),
    )
    return (*always, *_shares(feed, table, name), *_freshness(feed, table, name))


def _freshness(feed: FeedContract, table: str, name: str) -> Iterable[FactSpec]:
    """Return the fact that the feed still delivers, where its contract says how often it must."""
    if feed.freshness_days is not None:
        yield FactSpec(
            table,
            "feed_is_fresh",
            f"A file landed within the last {feed.freshness_days} days; a feed that is late warns and stops nothing.",
            ("raw", feed.source, feed.name),
            (WithinLimits(_days_without_a_file(feed), "days_without_a_file", feed.freshness_days),),
            name,
            reads=LEDGER_EVER,
            is_blocking=False,
        )


def _days_without_a_file(feed: FeedContract) -> str:
    """Return the query of the days since the feed's last landed file, or since the first of any feed."""
    return (
        "with ledger as (select max(delivered_on) filter (where "
        f"source = {quote_literal(feed.source)} and feed = {quote_literal(feed.name)} and file_fate = 'landed') "
        "as last_on, min(delivered_on) as first_on from $batch) "
        "select 'days without a file' as measure, "
        "greatest(0, date_diff('day', coalesce(last_on, first_on), $as_of_on)) as observed, "
        f"null as at_least, {feed.freshness_days} as at_most from ledger where first_on is not null"
    )


def _shares(feed: FeedContract, table: str, name: str) -> Iterable[FactSpec]:
    """Return the facts about shares of values in each file, where the contract has something to check."""
    blank = {column: _is_blank(column) for column in feed.required_columns if column not in feed.key}
    no_key = {column: _is_blank(column) for column in feed.key}
    unparsed = {
        column: f"not {_is_blank(column)} and {_is_unparsed(column, kind)}"
        for column, kind in feed.columns.items()
        if kind.type != "text"
    }
    unknown = {
        column: f"not {_is_blank(column)} and not list_contains({_texts(kind.accepted_values)}, "
        f"trim({quote_identifier(column)}))"
        for column, kind in feed.columns.items()
        if kind.accepted_values
    }
    declared = (
        ("keys_are_present", "No file lacks the key in more rows than allowed.", no_key, "keyless"),
        ("required_columns_are_filled", "No file leaves a required column emptier than allowed.", blank, "blank"),
        ("values_parse_as_their_type", "No file has more values of another type than allowed.", unparsed, "unparsed"),
        ("values_are_those_accepted", "No file has more unknown values than allowed.", unknown, "unparsed"),
    )
    for sentence, description, conditions, limit in declared:
        if conditions:
            at_most = f"${limit}_share_at_most"
            checks = (WithinLimits(_worst_shares(conditions, at_most), "highest_share", at_most),)
            yield FactSpec(table, sentence, description, ("raw", feed.source, feed.name), checks, name)


def _worst_shares(conditions: dict[str, str], limit: str) -> str:
    """Return the query of each column's share of rows that meet its condition, in the file where it is highest."""
    counted = ", ".join(
        f"count(*) filter (where {condition}) / count(*) as {quote_identifier(column)}"
        for column, condition in conditions.items()
    )
    columns = ", ".join(quote_identifier(column) for column in conditions)
    return (
        f"with files as (select _file_sha256, {counted} from $batch "
        "where not list_contains($waived_files, _file_sha256) "
        "group by _file_sha256 having count(*) >= $judged_from_records), "
        f"shares as (unpivot files on {columns} into name column_name value share) "
        "select column_name || ' of file ' || left(arg_max(_file_sha256, share), 12) as measure, "
        f"max(share) as observed, null as at_least, {limit} as at_most from shares group by column_name"
    )


def _worst_quarantined_share(feed: FeedContract) -> str:
    return (
        "with files as (select file_sha256, quarantined_count / records_count as share from $batch "
        f"where source = {quote_literal(feed.source)} and feed = {quote_literal(feed.name)} "
        "and file_fate = 'landed' and records_count >= $judged_from_records "
        "and not list_contains($waived_files, file_sha256)) "
        "select 'quarantined of file ' || left(arg_max(file_sha256, share), 12) as measure, "
        "max(share) as observed, null as at_least, $quarantined_share_at_most as at_most "
        "from files having count(*) > 0"
    )


def _files_unlike_the_ledger(feed: FeedContract, count: str) -> str:
    return (
        "with landed as (select _file_sha256 as file_sha256, count(*) as rows_count from $batch group by all), "
        f"ledger as (select file_sha256, sum({count}) as rows_count from {LEDGER} "
        f"where source = {quote_literal(feed.source)} and feed = {quote_literal(feed.name)} "
        "and file_fate = 'landed' group by all) "
        "select coalesce(landed.file_sha256, ledger.file_sha256) as key from landed "
        "full join ledger on landed.file_sha256 = ledger.file_sha256 "
        "where coalesce(landed.rows_count, 0) <> coalesce(ledger.rows_count, 0)"
    )


def _ledger() -> tuple[FactSpec, ...]:
    key = ("ledger", "files")
    return (
        FactSpec(
            LEDGER,
            "every_file_has_one_known_fate",
            "A delivered file was landed, had landed before, or was refused.",
            key,
            (
                *not_null("source", "feed", "file_name", "file_sha256", "delivered_on", "file_fate"),
                one_of("file_fate", "landed", "already_landed", "refused"),
            ),
        ),
        FactSpec(
            LEDGER,
            "every_file_balances",
            "The records counted in a file by an independent reader are those landed and those quarantined.",
            key,
            (
                NoRows(
                    "select file_sha256 as key from $batch where file_fate = 'landed' "
                    "and records_count is distinct from landed_count + quarantined_count"
                ),
            ),
        ),
        FactSpec(
            LEDGER,
            "no_file_lands_twice",
            "The same bytes land once, however often they are delivered.",
            key,
            (
                NoRows(
                    "select file_sha256 as key from $batch where file_fate = 'landed' "
                    "group by source, feed, file_sha256 having count(*) > 1"
                ),
            ),
            reads=LEDGER_EVER,
        ),
        FactSpec(
            LEDGER,
            "every_refused_file_has_a_reason",
            "A file that was refused says why.",
            key,
            (
                NoRows(
                    "select file_sha256 as key from $batch "
                    "where file_fate = 'refused' and nullif(trim(reason_code), '') is null"
                ),
            ),
        ),
    )


def _quarantine() -> tuple[FactSpec, ...]:
    key = ("quarantine", "records")
    return (
        FactSpec(
            QUARANTINE,
            "every_quarantined_record_has_its_bytes_and_a_reason",
            "A record without shape is kept as it came, with its place and why.",
            key,
            not_null("_file_sha256", "_row_number", "record_bytes", "reason_code"),
        ),
        FactSpec(
            QUARANTINE,
            "quarantine_holds_what_the_ledger_says",
            "Each file has as many quarantined records as the ledger says.",
            key,
            (
                NoRows(
                    "with kept as (select _file_sha256 as file_sha256, count(*) as rows_count "
                    "from $batch group by all), "
                    f"ledger as (select file_sha256, sum(quarantined_count) as rows_count from {LEDGER} "
                    "where file_fate = 'landed' group by all) "
                    "select coalesce(kept.file_sha256, ledger.file_sha256) as key from kept "
                    "full join ledger on kept.file_sha256 = ledger.file_sha256 "
                    "where coalesce(kept.rows_count, 0) <> coalesce(ledger.rows_count, 0)"
                ),
            ),
        ),
    )


def _is_blank(column: str) -> str:
    return f"(coalesce(trim({quote_identifier(column)}), '') = '')"


def _is_unparsed(column: str, contract: ColumnContract) -> str:
    value = f"trim({quote_identifier(column)})"
    if contract.formats:
        return f"try_strptime({value}, {_texts(contract.formats)}) is null"
    if contract.type == "json":
        return f"not json_valid({value})"
    if contract.type not in ("integer", "decimal"):
        return f"try_cast({value} as {contract.type}) is null"
    # As doubles, since wide decimals take a hundred times as long; 'nan' and 'inf' are no numbers.
    plain = value if contract.decimal_mark == "." else f"replace(replace({value}, '.', ''), ',', '.')"
    number = f"try_cast({plain} as double)"
    is_number = f"coalesce(isfinite({number}), false)"
    return f"not ({is_number} and {number} % 1 = 0)" if contract.type == "integer" else f"not {is_number}"


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(quote_literal(value).replace('$', '$$') for value in values)}]::varchar[]"
