"""Records of any files as one table of comparable columns, each value cleaned once per distinct value.

Belongs here: reading files and making the comparable columns. Does not belong here: comparisons, and what is published
of a person: these forms exist only to be compared.
"""

from collections.abc import Callable, Mapping, Sequence

import duckdb
import pyarrow as pa

from orchestration.foundation.sql import quote_identifier
from orchestration.identity.linkage import values
from orchestration.identity.linkage.columns import RECORD_ID

EVERY = "linkage_every_record"
"""The table of comparable columns, one row per record."""
FRAME = "linkage_records"
"""A view of `EVERY` with one row per distinct record: those equal in all that is compared are the smallest id's."""
MEMBERS = "linkage_members"
"""One row per record: `record_id`, `representative_id` of the distinct record that stands for it, `content_hash` of all
that is compared, and of its id where it says too little to be the same as another."""

_JOINED = ("street", "middle_name")
_NAME_TYPE = pa.struct(
    [
        ("given", pa.string()),
        ("family", pa.string()),
        ("full", pa.string()),
        ("name_key", pa.string()),
        ("name_tokens", pa.list_(pa.string())),
        ("given_forms", pa.list_(pa.string())),
        ("given_sound", pa.string()),
        ("family_sound", pa.string()),
    ]
)
_CLEANED: Mapping[str, Callable[[str | None], str | None]] = {
    "street": values.street_words,
    "city": values.words,
    "postcode": values.code,
    "state": values.words,
    "country": values.words,
    "gender": values.gender,
    "occupation": values.words,
    "birth_place": values.words,
    "national_id": values.code,
    "passport": values.code,
    "licence": values.code,
    "card": values.code,
    "email": values.email,
    "phone": values.phone,
}
_COMPARED = (
    "full_name", "birth_date", "email", "phone", "street", "city", "postcode", "state", "country", "gender",
    "occupation", "birth_place", "national_id", "passport", "licence", "card",
)  # fmt: skip
_CONTENT = ", ".join(f"coalesce({name}, chr(30))" for name in (*_COMPARED, "given", "family"))
_FILLED_AT_LEAST = 3
_DERIVED_SQL = f"""
create or replace table {EVERY} as
with derived as (
    select
        record_id,
        source,
        name.given as given,
        name.family as family,
        name.full as full_name,
        name.name_key as name_key,
        name.name_tokens as name_tokens,
        len(name.name_tokens) as name_words,
        name.given_forms as given_forms,
        name.given_sound as given_sound,
        name.family_sound as family_sound,
        name.family || ' ' || name.given as name_turned,
        birth_date,
        substr(birth_date, 1, 4) as birth_year,
        substr(birth_date, 1, 5) || substr(birth_date, 9, 2) || '-' || substr(birth_date, 6, 2) as birth_date_turned,
        email,
        email_key,
        split_part(email_key, '@', 1) as email_local,
        phone,
        right(phone, 7) as phone_tail,
        street,
        nullif(regexp_extract(street, '(?:^| )([0-9]+)', 1), '') as street_number,
        list_sort(list_distinct(list_filter(string_split(street, ' '), lambda word: length(word) > 1)))
            as street_tokens,
        replace(street, ' ', '') as street_key,
        nullif(regexp_replace(street, '[0-9 ]', '', 'g'), '') as street_words_key,
        city,
        postcode,
        case
            when regexp_matches(postcode, '^[a-z]{{1,2}}[0-9][a-z0-9]?[0-9][a-z]{{2}}$')
                then left(postcode, length(postcode) - 3)
            else left(postcode, 3)
        end as postcode_area,
        coalesce(nullif(regexp_extract(postcode, '^[a-z]+'), ''), left(postcode, 2)) as postcode_region,
        state,
        country,
        gender,
        occupation,
        birth_place,
        national_id,
        passport,
        licence,
        card,
    from linkage_cleaned
)

select
    *,
    md5(concat_ws(
        chr(31),
        {_CONTENT},
        case when {" + ".join(f"({name} is not null)::int" for name in _COMPARED)} < {_FILLED_AT_LEAST}
            then record_id end
    )) as content_hash
from derived
"""

_COLLAPSED_SQL = f"""
create or replace table {MEMBERS} as
select record_id, min(record_id) over (partition by content_hash) as representative_id, content_hash
from {EVERY};

create or replace view {FRAME} as
select every.*
from {EVERY} every
join {MEMBERS} members
    on members.record_id = every.record_id and members.representative_id = every.record_id;
"""


def read_kinds(table: str, by_kind: Mapping[str, Sequence[str]], *, record_id: str) -> str:
    """Return the SQL that selects one text column per kind of a table: the first that is filled, or all joined."""
    listed = [f"cast({quote_identifier(record_id)} as varchar) as {RECORD_ID}"]
    for kind, columns in by_kind.items():
        texts = [f"nullif(trim(cast({quote_identifier(name)} as varchar)), '')" for name in columns]
        joined = (
            f"nullif(concat_ws(' ', {', '.join(texts)}), '')" if kind in _JOINED else f"coalesce({', '.join(texts)})"
        )
        listed.append(f"{joined} as {kind}")
    listed += _birth_date_of_parts(by_kind)
    return f"select {', '.join(listed)} from {quote_identifier(table)}"


def _birth_date_of_parts(by_kind: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the SQL of a day of birth that a file tells in parts; what is not told of it is the first."""
    if "birth_date" in by_kind or "birth_year" not in by_kind:
        return []
    year, month, day = (
        f"try_cast({quote_identifier(by_kind[kind][0])} as int)" if kind in by_kind else "1"
        for kind in ("birth_year", "birth_month", "birth_day")
    )
    return [f"printf('%04d-%02d-%02d', {year}, coalesce({month}, 1), coalesce({day}, 1)) as birth_date"]


def build_frame(connection: duckdb.DuckDBPyConnection, raw: str, *, ready: str | None = None) -> None:
    """Make the tables of comparable columns of the raw table, which has record_id, source and a text column per kind.

    Records that say fewer than three things each stay by themselves: equal blanks make nobody the same.

    Dates are read in the order of the file that they come from.

    Args:
        connection: holds the raw table.
        raw: its name.
        ready: a table of rows of `EVERY` for other records, made before; only where the order of a date is not told by
            the other dates of its file.
    """
    present = {row[0] for row in connection.execute(f"describe {quote_identifier(raw)}").fetchall()}
    selected = ["raw.record_id", "raw.source"]
    joins: list[str] = []
    for kind, clean in _CLEANED.items():
        if kind not in present:
            selected.append(f"null::varchar as {kind}")
            continue
        _register_cleaned(connection, raw, kind, clean)
        joins.append(f"left join cleaned_{kind} on cleaned_{kind}.raw_value = raw.{kind}")
        selected.append(f"cleaned_{kind}.cleaned as {kind}")
    _register_email_keys(connection, has_emails="email" in present)
    selected.append("email_keys.email_key")
    joins.append(
        "left join email_keys on email_keys.email = cleaned_email.cleaned"
        if "email" in present
        else "left join email_keys on false"
    )
    selected.append("names.name as name")
    joins.append(_register_names(connection, raw, present))
    selected.append("dates.cleaned as birth_date" if "birth_date" in present else "null::varchar as birth_date")
    if "birth_date" in present:
        joins.append(_register_dates(connection, raw))
    connection.execute(
        f"create or replace temp table linkage_cleaned as select {', '.join(selected)} "
        f"from {quote_identifier(raw)} raw " + " ".join(joins)
    )
    connection.execute(_DERIVED_SQL)
    if ready is not None:
        connection.execute(f"insert into {EVERY} by name select * from {quote_identifier(ready)}")
    connection.execute(_COLLAPSED_SQL)


def _register(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("linkage_given", table)
    connection.execute(f"create or replace temp table {name} as select * from linkage_given")
    connection.unregister("linkage_given")


def _register_cleaned(
    connection: duckdb.DuckDBPyConnection, raw: str, kind: str, clean: Callable[[str | None], str | None]
) -> None:
    found = [
        row[0]
        for row in connection.execute(
            f"select distinct {kind} from {quote_identifier(raw)} where {kind} is not null order by all"
        ).fetchall()
    ]
    table = pa.table({"raw_value": pa.array(found, pa.string()), "cleaned": pa.array(map(clean, found), pa.string())})
    _register(connection, f"cleaned_{kind}", table)


def _register_email_keys(connection: duckdb.DuckDBPyConnection, *, has_emails: bool) -> None:
    found: list[str] = []
    if has_emails:
        found = [
            row[0]
            for row in connection.execute(
                "select distinct cleaned from cleaned_email where cleaned is not null order by all"
            ).fetchall()
        ]
    keys = map(values.email_key, found)
    _register(
        connection,
        "email_keys",
        pa.table({"email": pa.array(found, pa.string()), "email_key": pa.array(keys, pa.string())}),
    )


def _register_names(connection: duckdb.DuckDBPyConnection, raw: str, present: set[str]) -> str:
    given = "concat_ws(' ', given_name, middle_name)" if {"given_name", "middle_name"} <= present else "given_name"
    parts = [
        given if "given_name" in present else "null",
        "family_name" if "family_name" in present else "null",
        "full_name" if "full_name" in present else "null",
    ]
    shown = [f"coalesce(cast({part} as varchar), '')" for part in parts]
    rows = connection.execute(
        f"select distinct {', '.join(shown)} from {quote_identifier(raw)} order by all"
    ).fetchall()
    forms = [values.name_forms(*row) for row in rows]
    columns = {f"part_{index}": pa.array([row[index] for row in rows], pa.string()) for index in range(len(parts))}
    structs = pa.array([None if form is None else vars(form) for form in forms], _NAME_TYPE)
    _register(connection, "names", pa.table({**columns, "name": structs}))
    matched = " and ".join(f"names.part_{index} = {part}" for index, part in enumerate(shown))
    return f"left join names on {matched}"


def _register_dates(connection: duckdb.DuckDBPyConnection, raw: str) -> str:
    rows = connection.execute(
        f"select source, list(distinct birth_date order by birth_date) from {quote_identifier(raw)} "
        "where birth_date is not null group by source order by source"
    ).fetchall()
    sources: list[str] = []
    texts: list[str] = []
    cleaned: list[str | None] = []
    for source, written in rows:
        order = values.date_order(written)
        sources += [source] * len(written)
        texts += written
        cleaned += [values.birth_date(text, order) for text in written]
    table = pa.table(
        {
            "source": pa.array(sources, pa.string()),
            "raw_value": pa.array(texts, pa.string()),
            "cleaned": pa.array(cleaned, pa.string()),
        }
    )
    _register(connection, "dates", table)
    return "left join dates on dates.source = raw.source and dates.raw_value = raw.birth_date"
