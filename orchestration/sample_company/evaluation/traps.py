"""Identity by story: of each named trap, whom it merged wrongly, and how much of its people it found.

An over-merge is two people who share a customer, at least one of them of the story; the target is none. The pairs of a
story are those of which at least one record is of its people.
"""

from collections.abc import Iterator

import duckdb

from orchestration.foundation.agreement import Agreement
from orchestration.sample_company.evaluation.findings import Claim, Finding
from orchestration.sample_company.evaluation.identity import NEEDS, told, with_records_judged

_STORIES = """
    with people_told as (
        select person_id, edge_case
        from truth.people
        where edge_case is not null
    ),
    cells as (
        select customer, person_id, count(*) as records_count
        from records_judged
        group by customer, person_id
    ),
    cells_told as (
        select edge_case, customer, person_id, records_count
        from cells
        join people_told using (person_id)
    ),
    people_found as (
        select edge_case, person_id, sum(records_count) as records_count, sum(pairs_of(records_count)) as right_count
        from cells_told
        group by edge_case, person_id
    ),
    customers_told as (
        select edge_case, customer, sum(records_count) as told_count
        from cells_told
        group by edge_case, customer
    ),
    customers_sized as (
        select customer, sum(records_count) as all_count
        from cells
        group by customer
    ),
    over_merges as (
        select edge_case, count(distinct [least(ones.person_id, others.person_id),
            greatest(ones.person_id, others.person_id)]) as over_merges_count
        from cells_told as ones
        join cells as others
            on ones.customer = others.customer and ones.person_id <> others.person_id
        group by edge_case
    ),
    pairs_true as (
        select edge_case, sum(right_count) as right_count, sum(pairs_of(records_count)) as true_count
        from people_found
        group by edge_case
    ),
    pairs_found as (
        select edge_case, sum(pairs_of(all_count) - pairs_of(all_count - told_count)) as found_count
        from customers_told
        join customers_sized using (customer)
        group by edge_case
    )
    select
        edge_case, right_count::bigint, found_count::bigint, true_count::bigint, coalesce(over_merges_count, 0)
    from pairs_true
    join pairs_found using (edge_case)
    left join over_merges using (edge_case)
    order by edge_case
"""


def _compare(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    with_records_judged(connection)
    connection.execute("create or replace temp macro pairs_of(n) as n * (n - 1) // 2")
    merged: dict[str, int] = {}
    for story, right, found, true, over_merges in connection.execute(_STORIES).fetchall():
        agreement = Agreement.of_counts(right=right, found=found, true=true)
        said = f"over-merges: {over_merges}" if over_merges else "no over-merge"
        yield Finding(CLAIM.name, f"F1 of {story}", agreement.f1, 1.0, f"{told(agreement)}; {said}")
        if over_merges:
            merged[story] = over_merges
    listed = ", ".join(merged) or "none of the named traps"
    yield Finding(CLAIM.name, "over-merges of named traps", float(sum(merged.values())), 0.0, listed)


CLAIM = Claim("identity by story", NEEDS, _compare)
