"""Identity, pair by pair: of two records put together, how often rightly, and of those that belong, how many were.

Precision is the share of pairs of records with one customer that have one person; recall the share of pairs with one
person that have one customer; F1 their harmonic mean (van Rijsbergen 1979). A record that two people truly share, such
as a family's address, has no right answer and is left out.
"""

from collections.abc import Iterator

import duckdb

from orchestration.sample_company.evaluation.findings import Claim, Finding
from orchestration.sample_company.evaluation.records import with_record_owners

# Pairs of a group of n are n(n-1)/2, so that no pair is ever written down.
_PAIRS = """
    with owned as (
        select record_id, min(person_id) as person_id
        from record_owners
        group by record_id
        having count(distinct person_id) = 1
    ),
    linked as (
        select customer_id, person_id
        from warehouse.identity.int_customer_records_linked
        join owned using (record_id)
    ),
    grouped as (
        select customer_id, person_id, count(*) as records_count, grouping(customer_id, person_id) as level
        from linked
        group by grouping sets ((customer_id), (person_id), (customer_id, person_id))
    )
    select level, sum(records_count * (records_count - 1) // 2) as pairs_count
    from grouped
    group by level
"""
_BOTH, _CUSTOMER, _PERSON = 0, 1, 2


def _compare(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    with_record_owners(connection)
    pairs = {level: int(count) for level, count in connection.execute(_PAIRS).fetchall()}
    right, found, true = (pairs.get(level, 0) for level in (_BOTH, _CUSTOMER, _PERSON))
    counted = f"{right:,} of {found:,} pairs put together are right; {true:,} belong together"
    for subject, value in scores(right=right, found=found, true=true).items():
        yield Finding(CLAIM.name, subject, value, 1.0, counted)


def scores(*, right: int, found: int, true: int) -> dict[str, float | None]:
    """Return precision, recall and F1 of pairs, each 0 to 1; None where there is nothing to divide by.

    Args:
        right: pairs that were put together and belong together.
        found: pairs that were put together.
        true: pairs that belong together.

    Example:
        >>> scores(right=6, found=8, true=12)
        {'precision': 0.75, 'recall': 0.5, 'F1': 0.6}
    """
    return {
        "precision": right / found if found else None,
        "recall": right / true if true else None,
        "F1": 2 * right / (found + true) if found + true else None,
    }


CLAIM = Claim(
    "identity: pairs of records",
    ("warehouse.identity.int_customer_records_linked", "warehouse.vault.stg_shop__orders"),
    _compare,
)
