"""Which pairs are worth comparing: rules by kinds of columns, counted before they run, each within a budget.

Belongs here: rules, block keys, counts and refusals. Does not belong here: how a pair is scored.

Every rule is one column of block keys beside the records, null where a part is missing or where far too many records
share the key, so that a poisoned value costs nothing and the pairs of a rule are known exactly beforehand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.identity.linkage.frame import FRAME

BLOCKED = "linkage_blocked"
"""The frame with a column of keys per rule that runs."""
LEFT_OUT = "linkage_keys_left_out"
"""One row per `rule` and `block_key` that far too many records share."""


@dataclass(frozen=True)
class BlockingRule:
    """One rule: its name, and the columns or expressions that two records must share."""

    name: str
    parts: tuple[str, ...]

    @property
    def key_column(self) -> str:
        """The column that holds the rule's block keys."""
        return f"block_{self.name}"


@dataclass(frozen=True)
class BlockingBudget:
    """How much a rule may cost: pairs per record and at least so many; and how many records one key may gather."""

    pairs_per_record: int = 60
    pairs_at_least: int = 50_000
    records_per_key: int = 400
    share_per_key: float = 0.02
    records_per_key_at_least: int = 40


@dataclass(frozen=True)
class BlockingCount:
    """What a rule gives, before it runs: pairs, keys left out because far too many records share them, a refusal."""

    rule: str
    pairs_count: int
    keys_left_out: int
    records_left_out: int
    refusal: str | None


_RULES = (
    BlockingRule("name", ("name_key",)),
    BlockingRule("email", ("email_key",)),
    BlockingRule("phone", ("phone_tail",)),
    BlockingRule("national_id", ("national_id",)),
    BlockingRule("passport", ("passport",)),
    BlockingRule("licence", ("licence",)),
    BlockingRule("card", ("card",)),
    BlockingRule("birth_date", ("birth_date",)),
    BlockingRule("family_birth_date", ("family", "birth_date")),
    BlockingRule("given_birth_date", ("given", "birth_date")),
    BlockingRule("address", ("street_key",)),
    BlockingRule("street_city", ("street_words_key", "city")),
    BlockingRule("street_postcode", ("street_words_key", "postcode")),
    BlockingRule("number_postcode", ("street_number", "postcode")),
    BlockingRule("postcode_family", ("postcode", "family")),
    BlockingRule("postcode_given", ("postcode", "given")),
    BlockingRule("postcode_year", ("postcode", "birth_year")),
    BlockingRule("postcode_occupation", ("postcode", "occupation")),
    BlockingRule("postcode", ("postcode",)),
    BlockingRule("sound_of_names", ("given_sound", "family_sound")),
    BlockingRule("sound_turned", ("least(given_sound, family_sound)", "greatest(given_sound, family_sound)")),
    BlockingRule("family_sound_year", ("family_sound", "birth_year")),
    BlockingRule("given_year_area", ("given", "birth_year", "postcode_area")),
    BlockingRule("family_area", ("family", "postcode_area")),
    BlockingRule("given_area", ("given", "postcode_area")),
    BlockingRule("family_region", ("family", "postcode_region")),
    BlockingRule("family_city", ("family", "city")),
    BlockingRule("given_city", ("given", "city")),
    BlockingRule("given_email_local", ("given", "email_local")),
    BlockingRule("email_local", ("email_local",)),
    BlockingRule("family_birth_place", ("family", "birth_place")),
    BlockingRule("given_birth_place_year", ("given", "birth_place", "birth_year")),
    BlockingRule("given_birth_place_occupation", ("given", "birth_place", "occupation")),
    BlockingRule("family_occupation", ("family", "occupation")),
    BlockingRule("given_occupation_area", ("given", "occupation", "postcode_area")),
    BlockingRule("given_occupation_year", ("given", "occupation", "birth_year")),
    BlockingRule("year_occupation_birth_place", ("birth_year", "occupation", "birth_place")),
    BlockingRule("birth_date_birth_place", ("birth_date", "birth_place")),
    BlockingRule("birth_date_occupation", ("birth_date", "occupation")),
    BlockingRule("birth_date_postcode", ("birth_date", "postcode")),
    BlockingRule("city_day", ("city", "right(birth_date, 5)")),
    BlockingRule("city_month_year", ("city", "left(birth_date, 7)")),
    BlockingRule("given_month_year", ("given", "left(birth_date, 7)")),
    BlockingRule("family", ("family",)),
)
_OF_PLACE = frozenset((
    "street_key", "street_words_key", "street_number", "city", "postcode", "postcode_area", "postcode_region",
    "birth_place", "occupation",
))  # fmt: skip
_COLUMN = re.compile(r"[a-z_]+\b(?!\()")


def counted_rules(
    connection: duckdb.DuckDBPyConnection, filled: frozenset[str], budget: BlockingBudget
) -> tuple[tuple[BlockingRule, ...], tuple[BlockingCount, ...]]:
    """Return the rules that run and the count of every rule that applies, after making the tables of block keys.

    Args:
        connection: holds the frame.
        filled: its columns that are not all null; a rule with another one does not apply.
        budget: what a rule may cost.
    """
    rules = [rule for rule in _RULES if all(filled >= columns_in(part) for part in rule.parts)]
    keys = ", ".join(f"{_key_sql(rule)} as {rule.key_column}" for rule in rules)
    connection.execute(f"create or replace temp table linkage_keys as select record_id, {keys} from {FRAME}")
    records = _single(connection, f"select count(*) from {FRAME}")
    most = max(budget.pairs_at_least, budget.pairs_per_record * records)
    cap = max(budget.records_per_key_at_least, min(budget.records_per_key, int(budget.share_per_key * records)))
    connection.execute(f"create or replace temp table {LEFT_OUT} (rule varchar, block_key ubigint)")
    counts = [_counted(connection, rule, cap=cap, most=most) for rule in rules]
    kept = tuple(rule for rule, count in zip(rules, counts, strict=True) if count.refusal is None and count.pairs_count)
    return kept, tuple(counts)


def write_blocked(connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule]) -> None:
    """Make `BLOCKED`: the frame with the keys of the rules, without those that are left out, ordered by record.

    Args:
        connection: holds the tables that `counted_rules` made.
        rules: those that run.
    """
    connection.execute(
        f"create or replace table {BLOCKED} as select frame.*, keys.* exclude (record_id) from {FRAME} frame join "
        f"({_kept_keys_sql(connection, rules)}) keys using (record_id) order by record_id"
    )


def write_pairs_of(connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule], new: str, into: str) -> None:
    """Make the table of the pairs that the rules find of a few records with all: those that `BLOCKED` would give.

    Columns: `join_key_l` < `join_key_r`, and `match_key`, the number of the first rule that found the pair.

    Args:
        connection: holds the tables that `counted_rules` made.
        rules: those that run.
        new: a table of `record_id`: the few.
        into: name of the table that is made.
    """
    connection.execute(
        f"create or replace temp table linkage_keys_new as "
        f"select * from ({_kept_keys_sql(connection, rules)}) where record_id in (select record_id from {new})"
    )
    found = [
        f"select {number} as match_key, news.record_id as one, every.record_id as other "
        f"from linkage_keys every join linkage_keys_new news on every.{rule.key_column} = news.{rule.key_column}"
        for number, rule in enumerate(rules)
    ]
    nothing = "select 0 as match_key, null::varchar as one, null::varchar as other where false"
    connection.execute(
        f"""
        create or replace temp table {into} as
        select min(match_key)::varchar as match_key, least(one, other) as join_key_l, greatest(one, other) as join_key_r
        from ({" union all ".join([nothing, *found])})
        where one <> other
        group by join_key_l, join_key_r
        """
    )


def _kept_keys_sql(connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule]) -> str:
    """Return the SQL of the keys of the rules by record, null where they are left out."""
    shared = {row[0] for row in connection.execute(f"select distinct rule from {LEFT_OUT}").fetchall()}
    shown = [
        f"case when {rule.key_column} not in ({_left_out_sql(rule)}) then {rule.key_column} end as {rule.key_column}"
        if rule.name in shared
        else rule.key_column
        for rule in rules
    ]
    return f"select {', '.join(['record_id', *shown])} from linkage_keys"


def rules_of_persons(rules: tuple[BlockingRule, ...]) -> tuple[BlockingRule, ...]:
    """Return the rules whose pairs share more than where they live and what they do; all when there is none.

    Neighbours share street, town and postcode at once, far more often than chance would have it. A model that is
    trained on their pairs takes that for what makes two records one person.
    """
    return tuple(rule for rule in rules if not all(columns_in(part) <= _OF_PLACE for part in rule.parts)) or rules


def refused_rules(counts: Sequence[BlockingCount]) -> frozenset[str]:
    """Return the names of the rules that apply and do not run."""
    return frozenset(count.rule for count in counts if count.refusal is not None)


def changed_keys_sql(connection: duckdb.DuckDBPyConnection, stored: str) -> list[str]:
    """Return for each rule of which keys began or ceased to be left out the SQL of the records that have them.

    Args:
        connection: holds the tables that `counted_rules` made.
        stored: the table of the night before, columns `rule`, `block_key` (text).
    """
    connection.execute(
        f"""
        create or replace temp table linkage_keys_changed as
        with stored as (
            select rule, block_key::ubigint as block_key
            from {stored}
        )

        (from {LEFT_OUT} except from stored)
        union all
        (from stored except from {LEFT_OUT})
        """
    )
    applied = {row[0] for row in connection.execute("describe linkage_keys").fetchall()}
    changed = connection.execute("select distinct rule from linkage_keys_changed order by rule").fetchall()
    return [
        f"select record_id from linkage_keys where {rule.key_column} in "
        f"(select block_key from linkage_keys_changed where rule = {quote_literal(rule.name)})"
        for rule in _RULES
        if (rule.name,) in changed and rule.key_column in applied
    ]


def columns_in(expression: str) -> frozenset[str]:
    """Return the columns that a rule's part reads.

    Example:
        >>> sorted(columns_in("least(given_sound, family_sound)"))
        ['family_sound', 'given_sound']
    """
    return frozenset(_COLUMN.findall(expression))


def _key_sql(rule: BlockingRule) -> str:
    missing = " or ".join(f"({part}) is null" for part in rule.parts)
    return f"case when not ({missing}) then hash({', '.join(rule.parts)}) end"


def _counted(connection: duckdb.DuckDBPyConnection, rule: BlockingRule, *, cap: int, most: int) -> BlockingCount:
    connection.execute(
        f"""
        create or replace temp table linkage_blocks as
        select {rule.key_column} as block_key, count(*) as records
        from linkage_keys
        where {rule.key_column} is not null
        group by {rule.key_column}
        having count(*) > 1
        """
    )
    connection.execute(
        f"insert into {LEFT_OUT} select ?, block_key from linkage_blocks where records > {cap}", [rule.name]
    )
    row = connection.execute(
        f"""
        select
            coalesce(sum(records * (records - 1) // 2) filter (where records <= {cap}), 0)::bigint,
            count(*) filter (where records > {cap}),
            coalesce(sum(records) filter (where records > {cap}), 0)::bigint
        from linkage_blocks
        """
    ).fetchone()
    pairs, keys, records = row or (0, 0, 0)
    refusal = (
        f"{pairs:,} pairs where {most:,} are allowed; pairs that only this rule would find are not compared"
        if pairs > most
        else None
    )
    return BlockingCount(rule.name, pairs, keys, records, refusal)


def _left_out_sql(rule: BlockingRule) -> str:
    return f"select block_key from {LEFT_OUT} where rule = {quote_literal(rule.name)}"


def _single(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def filled_columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the columns of the frame that at least one record fills."""
    names = [row[0] for row in connection.execute(f"describe {FRAME}").fetchall()]
    counts = (
        connection.execute(
            f"select {', '.join(f'count({quote_identifier(name)})' for name in names)} from {FRAME}"
        ).fetchone()
        or ()
    )
    return frozenset(name for name, count in zip(names, counts, strict=True) if count)
