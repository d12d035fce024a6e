"""Which pairs are worth comparing: rules by kinds of columns, counted before they run, each within a budget.

Belongs here: rules, block keys, counts and refusals. Does not belong here: how a pair is scored.

Every rule is one column of block keys beside the records, null where a part is missing or where far too many records
share the key, so that a poisoned value costs nothing and the most that a rule can give is known beforehand. Of records
that share no more than a common name, a town or a day of birth only those are compared that seem to agree in something
else as well, where they are many: the others would be nearly all of the work, and hardly ever one person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.identity.linkage.frame import FRAME

LEFT_OUT = "linkage_keys_left_out"
"""One row per `rule` and `block_key` that far too many records share."""


@dataclass(frozen=True)
class BlockingRule:
    """One rule: its name, the columns or expressions that two records must share, and whether they must share more."""

    name: str
    parts: tuple[str, ...]
    is_narrowed: bool = False

    @property
    def key_column(self) -> str:
        """The column that holds the rule's block keys."""
        return f"block_{self.name}"


@dataclass(frozen=True)
class BlockingBudget:
    """How much a rule may cost: pairs per record and at least so many; and how many records one key may gather.

    A rule that gives more than `all_pairs_per_record` gives only pairs that seem to agree in one more thing.
    """

    pairs_per_record: int = 60
    all_pairs_per_record: int = 2
    pairs_at_least: int = 50_000
    records_per_key: int = 400
    share_per_key: float = 0.02
    records_per_key_at_least: int = 40


@dataclass(frozen=True)
class BlockingCount:
    """What a rule gives, before it runs: pairs, keys left out because far too many records share them, a refusal.

    Of a narrowed rule only those pairs are compared that seem to agree in one more thing.
    """

    rule: str
    pairs_count: int
    keys_left_out: int
    records_left_out: int
    is_narrowed: bool
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
_TELLING = ("email_key", "phone_tail", "national_id", "passport", "licence", "card")
_TELLS_OF: Mapping[str, tuple[str, ...]] = {
    "name_key": ("given", "family"),
    "given": ("given",),
    "given_sound": ("given",),
    "family": ("family",),
    "family_sound": ("family",),
    "birth_date": ("birth",),
    "birth_year": ("birth",),
    "email_local": ("email",),
    "street_key": ("street", "place"),
    "street_words_key": ("street", "place"),
    "street_number": ("street",),
    "city": ("place",),
    "postcode": ("place",),
    "postcode_area": ("place",),
    "postcode_region": ("place",),
    "birth_place": ("birth_place",),
    "occupation": ("occupation",),
}
_SIGNS: Mapping[str, Mapping[str, str]] = {
    "given": {"given_sound": "given_sound", "given_start": "left(given, 2)"},
    "family": {"family_sound": "family_sound", "family_start": "left(family, 2)"},
    "birth": {"birth_year": "birth_year", "birth_month_day": "right(birth_date, 5)"},
    "email": {"email_local": "email_local"},
    "phone": {"phone_start": "left(phone_tail, 3)", "phone_end": "right(phone_tail, 4)"},
    "street": {"street_words": "street_words_key", "street_number": "street_number"},
    "place": {"city": "city", "postcode": "postcode", "postcode_area": "postcode_area"},
    "birth_place": {"birth_place": "birth_place"},
    "occupation": {"occupation": "occupation"},
}
"""What two records may seem to agree in, and the expressions that are then equal; a typing error leaves one of them."""
_SIGNS_LEFT_OUT: Mapping[str, Sequence[str]] = {"email_local": ("email_local",), "phone": ("phone_start", "phone_end")}
"""By rule the signs that are none where far too many records share the rule's key."""
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
    keys = [f"{_key_sql(rule)} as {rule.key_column}" for rule in rules]
    signs = [f"{sql} as sign_{name}" for named in _SIGNS.values() for name, sql in named.items()]
    columns = ["row_number() over (order by record_id)::integer as number", "record_id", *signs, *keys]
    connection.execute(f"create or replace temp table linkage_keys as select {', '.join(columns)} from {FRAME}")
    records = _single(connection, f"select count(*) from {FRAME}")
    most, most_whole = (
        max(budget.pairs_at_least, per_record * records)
        for per_record in (budget.pairs_per_record, budget.all_pairs_per_record)
    )
    cap = max(budget.records_per_key_at_least, min(budget.records_per_key, int(budget.share_per_key * records)))
    connection.execute(f"create or replace temp table {LEFT_OUT} (rule varchar, block_key ubigint)")
    counts = [_counted(connection, rule, cap=cap, most=most, most_whole=most_whole) for rule in rules]
    kept = tuple(
        replace(rule, is_narrowed=count.is_narrowed)
        for rule, count in zip(rules, counts, strict=True)
        if count.refusal is None and count.pairs_count
    )
    return kept, tuple(counts)


def write_pairs(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[BlockingRule],
    into: str,
    *,
    of: str | None = None,
    one_in: int = 1,
) -> None:
    """Make the table of the pairs of records that the rules find.

    Columns: `join_key_l` < `join_key_r`, and `match_key`, the number of the first rule that found the pair.

    Args:
        connection: holds the tables that `counted_rules` made.
        rules: those that run.
        into: name of the table that is made.
        of: a table of `record_id`: only pairs with one of these; None for all.
        one_in: above 1, only the pairs of every so-manieth record, for training.
    """
    kept = _kept_keys_sql(connection, rules)
    connection.execute(f"create or replace temp table linkage_keys_kept as {kept}")
    ones, order = "linkage_keys_kept", f"one.number < other.number and one.number % {one_in} = 0"
    if of is not None:
        ones, order = "linkage_keys_of", "one.number <> other.number"
        connection.execute(
            f"create or replace temp table {ones} as "
            f"from linkage_keys_kept where record_id in (select record_id from {of})"
        )
    found = [
        f"select {number} as match_key, "
        "least(one.number, other.number) as low, greatest(one.number, other.number) as high "
        f"from {ones} one join linkage_keys_kept other on one.{rule.key_column} = other.{rule.key_column} "
        f"where {order} and {_agreement_sql(rule)}"
        for number, rule in enumerate(rules)
    ]
    nothing = "select 0 as match_key, 0::integer as low, 0::integer as high where false"
    connection.execute(
        f"""
        create or replace temp table {into} as
        with pairs as (
            select min(match_key)::varchar as match_key, low, high
            from ({" union all ".join([nothing, *found])})
            group by low, high
        )

        select pairs.match_key, lows.record_id as join_key_l, highs.record_id as join_key_r
        from pairs
        join linkage_keys lows
            on pairs.low = lows.number
        join linkage_keys highs
            on pairs.high = highs.number
        """
    )


def _agreement_sql(rule: BlockingRule) -> str:
    """Return the SQL of two records' agreeing in something that the rule's key does not tell already."""
    if not rule.is_narrowed:
        return "true"
    columns = {column for part in rule.parts for column in columns_in(part)}
    told = {kind for column in columns for kind in _TELLS_OF.get(column, ())}
    if columns & {*_TELLING} or ("birth_date" in columns and told & {"given", "family"}):
        return "true"
    signs = [
        f"one.sign_{name} = other.sign_{name}" for kind, named in _SIGNS.items() if kind not in told for name in named
    ]
    return f"({' or '.join(signs)})"


def _kept_keys_sql(connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule]) -> str:
    """Return the SQL of the records with their keys, null where they are left out; what is left out is no sign."""
    shared = {str(row[0]) for row in connection.execute(f"select distinct rule from {LEFT_OUT}").fetchall()}
    by_rule = [(rule.key_column, rule.name) for rule in rules]
    by_rule += [(f"sign_{sign}", name) for name, signs in _SIGNS_LEFT_OUT.items() for sign in signs]
    kept = [
        f"case when block_{name} not in ({_left_out_sql(name)}) then {column} end as {column}"
        for column, name in by_rule
        if name in shared
    ]
    replaced = f" replace ({', '.join(kept)})" if kept else ""
    return f"select *{replaced} from linkage_keys"


def rules_of_persons(rules: tuple[BlockingRule, ...]) -> tuple[BlockingRule, ...]:
    """Return the rules whose pairs share more than where they live and what they do; all when there is none.

    Neighbours share street, town and postcode at once, far more often than chance would have it. A model that is
    trained on their pairs takes that for what makes two records one person.
    """
    return tuple(rule for rule in rules if not all(columns_in(part) <= _OF_PLACE for part in rule.parts)) or rules


def limited_rules(counts: Sequence[BlockingCount]) -> frozenset[tuple[str, bool]]:
    """Return the rules that apply and do not run, or not with all their pairs: name, and whether they run."""
    limited = (count for count in counts if count.is_narrowed or count.refusal is not None)
    return frozenset((count.rule, count.refusal is None) for count in limited)


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


def _counted(
    connection: duckdb.DuckDBPyConnection, rule: BlockingRule, *, cap: int, most: int, most_whole: int
) -> BlockingCount:
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
    return BlockingCount(rule.name, pairs, keys, records, pairs > most_whole and refusal is None, refusal)


def _left_out_sql(rule: str) -> str:
    return f"select block_key from {LEFT_OUT} where rule = {quote_literal(rule)}"


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
