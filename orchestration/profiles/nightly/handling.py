"""How each column is to be handled, as its contract states it, and whether its values look like what the contract says.

The classes, purposes and days are the contracts' and stand nowhere else. Contradicted is a contract that calls a column
free of personal data, or indirect, whose values have the shape of e-mail addresses or phone numbers; and one that calls
a column free of personal data that by its name and values holds the names or streets of people.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from orchestration.foundation.feed_contract import FeedContract
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.profiles_policy import HandlingLimits
from orchestration.profiles.meanings import words_of
from orchestration.profiles.nightly.drift import ProfileRow

HANDLING_TABLE = "profiles/handling"

_CONTRADICTED_BY = {"none": ("email", "phone", "name", "address"), "indirect": ("email", "phone")}
_DIALLED = "+9"
_OF_ANYTHING = ("name",)
"""A column of only this word may hold the names of goods as well."""


def handling_table(feeds: Sequence[FeedContract], profiles: Sequence[ProfileRow], limits: HandlingLimits) -> pa.Table:
    """Return the columns of all contracts as rows of `profiles/handling`, in the order of contracts and columns.

    A column without profile has none of its facts. Of a JSON column, the leaf is told that contradicts it most.

    Args:
        feeds: whose columns are listed.
        profiles: rows of `profiles/columns` of each feed's last night.
        limits: from which share on values contradict a contract.
    """
    nights = {(row["source"], row["feed"]): row["as_of_on"] for row in profiles}
    by_column = _by_contract_column(profiles)
    rows = [
        {
            **_stated(feed, name),
            "profiled_on": nights.get((feed.source, feed.name)),
            **_contradicted(feed.columns[name].pii, by_column.get((feed.source, feed.name, name), ()), limits),
        }
        for feed in feeds
        for name in feed.columns
    ]
    return pa.Table.from_pylist(rows, schema=LAKE_TABLES[HANDLING_TABLE].schema)


def contradictions(handling: pa.Table) -> pa.Table:
    """Return the rows of `profiles/handling` whose values contradict the contract."""
    return handling.filter(handling["contradiction_code"].is_valid())


def _stated(feed: FeedContract, name: str) -> dict[str, object]:
    column = feed.columns[name]
    kinds = sorted({rule.kind for rule in feed.standardise if rule.column == name})
    return {
        "source": feed.source,
        "feed": feed.name,
        "column_name": name,
        "column_type": column.type,
        "pii": column.pii,
        "purpose": column.purpose,
        "retention_days": feed.retention_days,
        "is_key": name in feed.key,
        "is_required": column.required,
        "standardised_as": ", ".join(kinds) or None,
    }


def _by_contract_column(profiles: Iterable[ProfileRow]) -> dict[tuple[str, str, str], list[ProfileRow]]:
    found: dict[tuple[str, str, str], list[ProfileRow]] = {}
    for row in profiles:
        whole = str(row["column_name"]).split(".")[0].split("[")[0]
        found.setdefault((row["source"], row["feed"], whole), []).append(row)
    return found


def _contradicted(pii: str, profiles: Iterable[ProfileRow], limits: HandlingLimits) -> Mapping[str, object]:
    kinds = _CONTRADICTED_BY.get(pii, ())
    found = [
        (share, row["column_name"], f"looks_like_{kind}")
        for row in profiles
        if row["judged_count"] >= limits.judged_from_values
        for kind, share in _looks(row).items()
        if kind in kinds and share >= limits.personal_share_at_least
    ]
    if not found:
        return {}
    share, name, code = max(found)
    return {"contradiction_code": code, "contradicting_column_name": name, "contradicting_share": share}


def _looks(row: ProfileRow) -> dict[str, float]:
    """Return which share of a column's values looks like what, as far as that is personal."""
    looks = {"email": float(row["email_share"])}
    if str(row["frequent_pattern"] or "").startswith(_DIALLED):
        looks["phone"] = min(row["phone_share"], row["frequent_pattern_share"])
    kind = row["value_kind"]
    is_of_people = words_of(str(row["column_name"]).split(".")[-1]) != _OF_ANYTHING
    if kind in {"phone", "address"} or (kind == "name" and is_of_people):
        looks[kind] = 1.0
    return looks
