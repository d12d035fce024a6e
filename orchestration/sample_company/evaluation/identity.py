"""Identity against the truth: precision, recall and F1 of pairs and of records (B-cubed), overall and by two sources.

Precision is the share of pairs of records with one customer that have one person; recall the share of pairs with one
person that have one customer; F1 their harmonic mean (van Rijsbergen 1979). B-cubed asks of each record what share of
its customer is of its person, and what share of its person is in its customer (Bagga and Baldwin 1998). A record that
two people truly share, such as a family's address, has no right answer and is left out.
"""

from collections.abc import Iterator

import duckdb
import numpy as np

from orchestration.foundation.agreement import Agreement, b_cubed, pairwise
from orchestration.sample_company.evaluation.findings import Claim, Finding
from orchestration.sample_company.evaluation.records import with_record_owners

NEEDS = ("warehouse.identity.int_customer_records_linked", "warehouse.vault.stg_shop__orders")

_JUDGED = """
    create or replace temp table records_judged as
    with owned as (
        select record_id, min(person_id) as person_id
        from record_owners
        group by record_id
        having count(distinct person_id) = 1
    )
    select
        record_id,
        split_part(record_id, ':', 1) as source,
        customer_id,
        person_id,
        dense_rank() over (order by customer_id) - 1 as customer,
        dense_rank() over (order by person_id) - 1 as person
    from warehouse.identity.int_customer_records_linked
    join owned using (record_id)
"""
# Pairs of a group of n are n(n-1)/2, and of two groups n times m, so that no pair is ever written down.
_BY_SOURCES = """
    with grouped as (
        select 'right' as kind, customer, person, source, count(*) as records_count
        from records_judged
        group by all
        union all
        select 'found', customer, null, source, count(*)
        from records_judged
        group by all
        union all
        select 'true', null, person, source, count(*)
        from records_judged
        group by all
    ),
    counted as (
        select
            ones.source || ' and ' || others.source as sources,
            ones.kind,
            sum(
                if(
                    ones.source = others.source,
                    ones.records_count * (ones.records_count - 1) // 2,
                    ones.records_count * others.records_count
                )
            )::bigint as pairs_count
        from grouped as ones
        join grouped as others
            on
                ones.kind = others.kind
                and ones.customer is not distinct from others.customer
                and ones.person is not distinct from others.person
                and ones.source <= others.source
        group by all
    )
    select
        sources,
        coalesce(sum(pairs_count) filter (kind = 'right'), 0)::bigint,
        coalesce(sum(pairs_count) filter (kind = 'found'), 0)::bigint,
        coalesce(sum(pairs_count) filter (kind = 'true'), 0)::bigint
    from counted
    group by sources
    having sum(pairs_count) > 0
    order by sources
"""


def with_records_judged(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `records_judged`: one row per record of one owner, with its customer and its person."""
    with_record_owners(connection)
    connection.execute(_JUDGED)


def told(agreement: Agreement) -> str:
    """Return precision and recall in words.

    Example:
        >>> told(Agreement(0.75, 0.5))
        'precision 0.750, recall 0.500'
    """
    return f"precision {agreement.precision:.3f}, recall {agreement.recall:.3f}"


def _compare(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    with_records_judged(connection)
    numbers = connection.execute("select customer, person from records_judged").fetchnumpy()
    customers, people = (np.asarray(numbers[name], dtype=np.int64) for name in ("customer", "person"))
    if not len(customers):
        yield Finding(CLAIM.name, "all", None, None, "not computable: no record has one owner")
        return
    for name, agreement in (("pairs", pairwise(customers, people)), ("B-cubed", b_cubed(customers, people))):
        counted = f"over {len(customers):,} records"
        for measure, value in (
            ("precision", agreement.precision),
            ("recall", agreement.recall),
            ("F1", agreement.f1),
        ):
            yield Finding(CLAIM.name, f"{name}: {measure}", value, 1.0, counted)
    for sources, right, found, true in connection.execute(_BY_SOURCES).fetchall():
        agreement = Agreement.of_counts(right=right, found=found, true=true)
        counted = f"{told(agreement)}; {right:,} of {found:,} pairs are right, {true:,} belong together"
        yield Finding(CLAIM.name, f"F1 of {sources}", agreement.f1, 1.0, counted)


CLAIM = Claim("identity", NEEDS, _compare)
