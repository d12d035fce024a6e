"""The staging models that a proposed contract leads to: typed, judged and kept rows in the house's SQL, with tests.

What is here is a first version that runs as it is; what rows of this source must satisfy beyond their types is for
people to write into it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from orchestration.profiles.meanings import Kind
from orchestration.profiles.naming import not_taken, staged_name
from orchestration.profiles.proposal import ProposedColumn

_LINE_WIDTH = 88
_OWN_COLUMNS = ("row_id", "_file_sha256", "_row_number", "row_hash")
_ROW_ID_TEXT = "The landed row: hash of its file and its ordinal in it."
# By kind: the lake table of standardised values, its column of raw values, and the one that staging takes.
_STANDARDISED: Mapping[Kind, tuple[str, str, str]] = {
    "email": ("emails", "email_raw", "email_normalised"),
    "phone": ("phones", "phone_raw", "phone_e164"),
    "name": ("names", "name_raw", "name_normalised"),
    "country": ("countries", "country_raw", "country_code"),
}


@dataclass(frozen=True)
class _StagedColumn:
    """A column of the contract as staging has it."""

    name: str
    received: ProposedColumn
    is_key: bool
    text_name: str

    @property
    def kind(self) -> Kind:
        # A key is compared as it was received: two that read as one value would be one row.
        return "id" if self.is_key and self.received.meaning.type == "text" else self.received.meaning.kind

    @property
    def pii(self) -> str:
        return "direct" if self.received.meaning.pii == "sensitive" else self.received.meaning.pii

    @property
    def may_be_unusable(self) -> bool:
        return not self.is_key and (self.kind in _STANDARDISED or self.received.meaning.type not in {"text", "json"})


def staging_files(
    source: str, feed: str, columns: Sequence[ProposedColumn], key: Sequence[str], *, timezone: str
) -> dict[PurePosixPath, str]:
    """Return the text of each file below `models/staging/<source>/`, by its path inside the dbt project.

    Args:
        source: name of the source.
        feed: name of the feed.
        columns: the contract's columns, in order.
        key: names of the key's columns; without any, every row that is no copy is kept.
        timezone: IANA zone of times without an offset.
    """
    staged = _staged(columns, key)
    folder = PurePosixPath("models/staging") / source
    stem = f"stg_{source}__{feed}"
    is_personal = any(column.pii == "direct" for column in staged)
    return {
        folder / f"{stem}_typed.sql": _typed_sql(source, feed, staged, timezone, is_personal=is_personal),
        folder / f"{stem}_judged.sql": (
            f"-- One row per landed row of {source} {feed}, with its one fate.\n"
            f"{{{{ judge_rows(ref('{stem}_typed'), '{source}', '{feed}') }}}}\n"
        ),
        folder / f"{stem}.sql": _kept_sql(stem, source, feed, staged, is_personal=is_personal),
        folder / f"_{source}__{feed}__models.yml": _models_yaml(stem, source, feed, staged),
    }


def _staged(columns: Sequence[ProposedColumn], key: Sequence[str]) -> list[_StagedColumn]:
    taken = {*_OWN_COLUMNS, "rejection_reason_code", "repair_reason_code"}
    names = []
    for column in columns:
        names.append(not_taken(staged_name(column.name, column.meaning.kind), taken))
        taken.add(names[-1])
    return [
        _StagedColumn(name, column, column.name in key, not_taken(f"{name}_text", taken))
        for name, column in zip(names, columns, strict=True)
    ]


def _typed_sql(source: str, feed: str, staged: Sequence[_StagedColumn], timezone: str, *, is_personal: bool) -> str:
    used = [kind for kind in _STANDARDISED if any(column.kind == kind for column in staged)]
    listed = "".join(
        f"{table} as (\n    select * from {{{{ source('standardised', '{table}') }}}}\n),\n\n"
        for table in (_STANDARDISED[kind][0] for kind in used)
    )
    cleaned = [f"landed.{name}" for name in _OWN_COLUMNS]
    cleaned += [f"{_expression(column, timezone)} as {column.name}" for column in staged]
    cleaned += [
        f"{{{{ blank_to_null('landed.{column.received.name}') }}}} as {column.text_name}"
        for column in staged
        if column.may_be_unusable
    ]
    selected = [*_OWN_COLUMNS, *(column.name for column in staged), _rejection(staged), _repair(staged)]
    return f"""-- One row per landed row of {source} {feed}: typed, and what its rules say.
{_config("materialized='incremental'", is_personal=is_personal)}
with {feed}_landed as (
    select
        *,
        {{{{ landed_row_id() }}}} as row_id,
        {{{{ row_hash(contract_columns('{source}', '{feed}')) }}}} as row_hash
    from {{{{ source('{source}', '{feed}') }}}}
    {{{{ files_not_yet_typed() }}}}
),

{listed}{feed}_cleaned as (
    select
        {_joined(cleaned, 8)}
    from {feed}_landed as landed{_joins(staged)}
)

select
    {_joined(selected, 4)}
from {feed}_cleaned
"""


def _config(stated: str, *, is_personal: bool) -> str:
    vault = "schema='vault', tags=['pii']" if is_personal else ""
    inside = ", ".join(part for part in (stated, vault) if part)
    return f"{{{{ config({inside}) }}}}\n" if inside else ""


def _joined(expressions: Sequence[str], indent: int) -> str:
    return (",\n" + " " * indent).join(expressions)


def _expression(column: _StagedColumn, timezone: str) -> str:
    cell, meaning = f"landed.{column.received.name}", column.received.meaning
    standardised = _STANDARDISED.get(column.kind)
    if standardised:
        alias = f"{column.received.name}_{standardised[0]}"
        return f"case\n            when {alias}.is_valid\n                then {alias}.{standardised[2]}\n        end"
    decimal = f"plain_decimal('{cell}', '{meaning.decimal_mark}')"
    formats = ", ".join(f"'{text}'" for text in meaning.formats)
    parsed = f"parse_timestamp('{cell}', [\n            {formats}\n        ])"
    instant = f"parse_instant('{cell}')" if _states_offset(meaning.formats) else f"local_to_utc({parsed}, '{timezone}')"
    as_number = f"try_cast({{{{ {decimal} }}}} as decimal(38, 9))"
    by_type = {
        "date": f"cast({{{{ {parsed} }}}} as date)",
        "timestamp": f"{{{{ {instant} }}}}",
        "boolean": f"{{{{ safe_boolean('{cell}') }}}}",
        "integer": f"{{{{ safe_integer({decimal}) }}}}",
        "decimal": f"{{{{ safe_amount({decimal}) }}}}" if column.kind == "amount" else as_number,
    }
    return by_type.get(meaning.type, f"{{{{ blank_to_null('{cell}') }}}}")


def _states_offset(formats: Sequence[str]) -> bool:
    return all(text.endswith(("Z", "%z")) for text in formats)


def _joins(staged: Sequence[_StagedColumn]) -> str:
    joins = ""
    for column in staged:
        standardised = _STANDARDISED.get(column.kind)
        if standardised is None:
            continue
        table, raw, _ = standardised
        name = column.received.name
        joins += (
            f"\n    left join {table} as {name}_{table}\n        on\n            landed.{name} = {name}_{table}.{raw}"
        )
        joins += f"\n            and {name}_{table}.country_raw = ''" if table == "phones" else ""
    return joins


def _rejection(staged: Sequence[_StagedColumn]) -> str:
    faults = [
        f"when {column.name} is null\n            then '{column.name}_missing'" for column in staged if column.is_key
    ]
    return _case(faults, "rejection_reason_code")


def _repair(staged: Sequence[_StagedColumn]) -> str:
    faults = [
        f"when {column.name} is null and {column.text_name} is not null\n            then '{column.name}_unusable'"
        for column in staged
        if column.may_be_unusable
    ]
    return _case(faults, "repair_reason_code")


def _case(branches: Sequence[str], name: str) -> str:
    if not branches:
        return f"cast(null as {{{{ type_text() }}}}) as {name}"
    return "case\n        " + "\n        ".join(branches) + f"\n    end as {name}"


def _kept_sql(stem: str, source: str, feed: str, staged: Sequence[_StagedColumn], *, is_personal: bool) -> str:
    key = [column.name for column in staged if column.is_key] or ["row_id"]
    latest = [column.name for column in staged if column.received.is_clock and not column.is_key][-1:]
    listed = "".join(f"        '{column.name}',\n" for column in staged)
    ordered = f"    latest_by={latest},\n" if latest and key != ["row_id"] else ""
    grain = " and ".join(key) if key != ["row_id"] else "row that is no copy"
    return f"""-- One row per {grain} of {source} {feed}: the latest accepted version.
{_config("", is_personal=is_personal)}{{{{ kept_rows(
    ref('{stem}_typed'),
    ref('{stem}_judged'),
    columns=[
{listed}    ],
    key={key},
{ordered}) }}}}
"""


def _models_yaml(stem: str, source: str, feed: str, staged: Sequence[_StagedColumn]) -> str:
    own = [
        _described("row_id", _ROW_ID_TEXT, tests=["is_key"]),
        _described("_file_sha256", "Hash of the delivered bytes."),
        _described("_row_number", "Ordinal of the record in its file, from 1."),
        _described("row_hash", "Hash of all contract columns as received: equal rows have equal hashes."),
    ]
    cells = [_described(c.name, _says(c), pii=c.pii) for c in staged]
    codes = [
        _described("rejection_reason_code", "The first row rule that the row breaks; null when it breaks none."),
        _described("repair_reason_code", "What was dropped to keep the row; null when nothing was."),
    ]
    key = [column.name for column in staged if column.is_key]
    grain = " and ".join(key) or "row that is no copy"
    kept: dict[str, Any] = {
        "name": stem,
        "description": f"One row per {grain} of {source} {feed}: the latest accepted version.",
    }
    if len(key) > 1:
        kept["data_tests"] = [{"unique_together": {"arguments": {"columns": key}}}]
    kept["columns"] = [
        *(_described(c.name, _says(c), pii=c.pii, tests=["is_key"] if [c.name] == key else []) for c in staged),
        _described("row_id", _ROW_ID_TEXT, tests=[] if key else ["is_key"]),
    ]
    models = [
        {
            "name": f"{stem}_typed",
            "description": f"One row per landed row of {source} {feed}: typed, and what its rules say.",
            "columns": [*own, *cells, *codes],
        },
        {
            "name": f"{stem}_judged",
            "description": f"One row per landed row of {source} {feed}, with its one fate.",
            "columns": _judged_columns(),
        },
        kept,
    ]
    return yaml.safe_dump({"version": 2, "models": models}, sort_keys=False, allow_unicode=True, width=_LINE_WIDTH)


def _judged_columns() -> list[dict[str, Any]]:
    fates = {"accepted_values": {"arguments": {"values": ["accepted", "repaired", "duplicate", "rejected"]}}}
    return [
        _described("row_id", _ROW_ID_TEXT, tests=["is_key"]),
        _described("source", "The source that delivered it."),
        _described("feed", "The feed of that source."),
        _described("file_sha256", "Hash of the delivered bytes."),
        _described("row_fate", "accepted, repaired, duplicate or rejected.", tests=[fates]),
        _described("reason_code", "Why the row has this fate; null for what was accepted as it came."),
        _described("duplicate_of_row_id", "For a duplicate, the row of equal content that is kept."),
    ]


def _says(column: _StagedColumn) -> str:
    return f"Column {column.received.name} of the contract, as {column.received.meaning.type}."


def _described(name: str, text: str, *, pii: str = "none", tests: Sequence[object] = ()) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "description": text, "config": {"meta": {"pii": pii}}}
    if tests:
        column["data_tests"] = list(tests)
    return column
