"""Noise: how many broken records were put into the files, and how many of them the ledger says were found.

Belongs here: which fate each kind of broken record must meet. Noise inside a field is not counted here: most of it can
be told only by who knows the truth, which is identity's and standardising's claim.
"""

from collections.abc import Iterator

import duckdb

from orchestration.sample_company.evaluation.findings import Claim, Finding
from orchestration.sample_company.noise import RECORD

_FATES = {
    "too_many_separators": "quarantined",
    "too_few_separators": "quarantined",
    "line_cut_off": "quarantined",
    "line_repeated": "duplicate",
    "row_repeated": "duplicate",
    "card_reformatted": "repaired",
    "date_as_text": "repaired",
    "date_without_day": "repaired",
    "date_as_serial": "repaired",
    "points_decimal_comma": "repaired",
    "points_as_words": "repaired",
    "phone_as_number": "repaired",
    "names_in_one_cell": "repaired",
    "email_typo": "repaired",
}
_REFUSED = "rejected"
_UNTOLD = ("names_swapped", "short_first_name")
"""Accidents of a whole row that leave a row which is in order for who does not know the person."""
_FURNITURE = ("row_above_header", "row_of_totals")
"""What stands around the table of a sheet, and was never a record."""

_QUERY = """
    with injected as (
        select source, feed, fates.fate, sum(records_count) as records_count
        from truth.noise_counts
        join fates using (noise_type)
        where field = $record and fates.fate in ('quarantined', 'duplicate', 'rejected')
        group by all
    ),
    found as (
        select source, feed, row_fate as fate, sum(records_count) as records_count
        from serving.mart_row_ledger
        where row_fate in ('quarantined', 'duplicate', 'rejected')
            and coalesce(reason_code, '') not in (select unnest($furniture))
            and coalesce(reason_code, '') <> 'file_already_landed'
        group by all
    )
    select source || '/' || feed || ' ' || fate as subject, found.records_count, injected.records_count
    from injected
    full join found using (source, feed, fate)
    order by subject
"""


def fate_of(noise_type: str) -> str:
    """Return which fate a record that is broken in this way must meet; empty when nothing can be seen of it.

    Example:
        >>> [fate_of(kind) for kind in ("line_cut_off", "line_repeated", "price_negative", "names_swapped")]
        ['quarantined', 'duplicate', 'rejected', '']
    """
    return "" if noise_type in _UNTOLD else _FATES.get(noise_type, _REFUSED)


def _compare(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    kinds = connection.execute("select distinct noise_type from truth.noise_counts").fetchall()
    connection.execute("create or replace temp table fates (noise_type varchar, fate varchar)")
    connection.executemany(
        "insert into fates values (?, ?)", [(kind, fate_of(kind)) for (kind,) in kinds] or [("", "")]
    )
    stated = {"record": RECORD, "furniture": list(_FURNITURE)}
    for subject, found, injected in connection.execute(_QUERY, stated).fetchall():
        yield Finding(CLAIM.name, subject, float(found or 0), float(injected or 0), _told(found or 0, injected or 0))


def _told(found: int, injected: int) -> str:
    if found == injected:
        return "every one, and nothing else"
    return f"{found - injected:+,} to what was put in"


CLAIM = Claim("noise: broken records found", ("serving.mart_row_ledger",), _compare)
