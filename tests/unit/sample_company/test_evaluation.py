"""What `genome evaluate` says of small companies whose figures are worked out by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.sample_company.evaluation import identity, noise_found, purchases, records, traps
from orchestration.sample_company.evaluation.claims import CLAIMS, evaluate
from orchestration.sample_company.evaluation.findings import Claim, Finding, NothingToEvaluate, opened

TRUTH = {
    "person_records": "values ('crm:contacts:C1', 'p1'), ('crm:contacts:C2', 'p1'), ('crm:contacts:C3', 'p2'), "
    "('shop:accounts:A1', 'p1'), ('shop:accounts:A2', 'p3'), ('crm:contacts:C9', 'p9')",
    "people": "values ('p1', 'twins'), ('p2', null), ('p3', 'alone'), ('p9', 'nobody')",
    "orders": "values ('shop:S1', 'p2'), ('shop:S2', 'p1')",
    "orders_to_come": "values ('p1', 'sale', timestamp '2026-07-05 10:00:00'), "
    "('p3', 'return', timestamp '2026-07-06 10:00:00'), ('p2', 'sale', timestamp '2026-12-31 10:00:00')",
    "noise_counts": "values ('crm', 'contacts', 'record', 'too_many_separators', 3), "
    "('crm', 'contacts', 'record', 'contact_id_missing', 2), ('crm', 'contacts', 'email', 'missing', 50), "
    "('loyalty', 'members', 'record', 'names_swapped', 4), ('loyalty', 'members', 'record', 'date_as_text', 4)",
}
COLUMNS = {
    "person_records": "record_id, person_id",
    "people": "person_id, edge_case",
    "orders": "order_id, person_id",
    "orders_to_come": "person_id, order_type, ordered_at",
    "noise_counts": "source, feed, field, noise_type, records_count",
}
WAREHOUSE = """
    create schema identity; create schema vault;
    create table identity.int_customer_records_linked as select * from (values
        ('crm:contacts:C1', 'c1'), ('crm:contacts:C2', 'c1'), ('crm:contacts:C3', 'c1'),
        ('shop:accounts:A1', 'c2'), ('shop:accounts:A2', 'c3'), ('shop:guests:g', 'c4')
    ) as t(record_id, customer_id);
    create table vault.stg_shop__orders as select * from (values
        ('S1', 'shop:guests:g'), ('S2', 'shop:guests:g'), ('S3', null)
    ) as t(order_id_shop, record_id);
"""
SERVING = """
    create table mart_row_ledger as select * from (values
        ('crm', 'contacts', 'quarantined', 'cells_ragged', 3), ('crm', 'contacts', 'rejected', 'contact_id_missing', 1),
        ('crm', 'contacts', 'repaired', 'email_unusable', 9), ('crm', 'contacts', 'accepted', null, 90),
        ('crm', 'contacts', 'duplicate', 'file_already_landed', 99),
        ('loyalty', 'members', 'quarantined', 'row_above_header', 3)
    ) as t(source, feed, row_fate, reason_code, records_count);
    create table mart_customer_360 as select * from (values
        ('c1', date '2026-06-30', 0.9, 5), ('c2', date '2026-06-30', 0.5, 50), ('c3', date '2026-06-30', 0.5, 9),
        ('c4', date '2026-06-30', 0.1, null), ('c5', date '2026-06-30', null, 1)
    ) as t(customer_id, as_of_on, purchase_probability_next_90d, recency_days);
"""


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Return the databases and the truth of a company of four people."""
    places = {name: tmp_path / f"{name}.duckdb" for name in ("serving", "warehouse")} | {
        "truth_root": tmp_path / "truth"
    }
    places["truth_root"].mkdir()
    for name, statements in {"serving": SERVING, "warehouse": WAREHOUSE}.items():
        with duckdb.connect(places[name]) as connection:
            connection.execute(statements)
    for name, rows in TRUTH.items():
        path = places["truth_root"] / f"{name}.parquet"
        duckdb.execute(f"copy (select * from ({rows}) as t({COLUMNS[name]})) to '{path}' (format parquet)")
    return places


@pytest.fixture
def connection(places: dict[str, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(**places) as connected:
        yield connected


@pytest.fixture
def found(connection: duckdb.DuckDBPyConnection) -> Callable[[Claim], dict[str, Finding]]:
    """Return a function from a claim to its findings by subject."""
    return lambda claim: {finding.subject: finding for finding in claim.findings(connection)}


def test_records_per_person_stand_beside_records_per_customer(found: Callable[[Claim], dict[str, Finding]]) -> None:
    per_kind = {kind: (finding.found, finding.true) for kind, finding in found(records.CLAIM).items()}
    assert per_kind["crm contacts"] == (3.0, 1.5)
    assert per_kind["shop accounts"] == (1.0, 1.0)
    assert per_kind["shop guests"] == (1.0, 0.5)  # one address, two people
    assert per_kind["all of them"] == (6 / 4, 6 / 3)


def test_pairs_and_records_are_scored_as_counted_by_hand(found: Callable[[Claim], dict[str, Finding]]) -> None:
    # Put together: C1-C2, C1-C3, C2-C3. Belong together: C1-C2, C1-A1, C2-A1. The guest's address has two owners.
    scored = {subject: finding.found for subject, finding in found(identity.CLAIM).items()}
    assert scored == pytest.approx(
        {
            "pairs: precision": 1 / 3,
            "pairs: recall": 1 / 3,
            "pairs: F1": 1 / 3,
            # of C1, C2, C3, A1, A2: their share of their customer, and of their person
            "B-cubed: precision": (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5,
            "B-cubed: recall": (2 / 3 + 2 / 3 + 1 + 1 / 3 + 1) / 5,
            "B-cubed: F1": 11 / 15,
            "F1 of crm and crm": 2 * (1 / 3) * 1 / (1 / 3 + 1),
            "F1 of crm and shop": 0.0,
        }
    )


def test_of_a_trap_the_people_merged_with_others_are_counted(found: Callable[[Claim], dict[str, Finding]]) -> None:
    told = {subject: (finding.found, finding.measure) for subject, finding in found(traps.CLAIM).items()}
    # p1 shares a customer with p2, whose story nobody tells; p3 stands alone; p9 has no record that the product knows.
    assert told == {
        "F1 of alone": (1.0, "precision 1.000, recall 1.000; no over-merge"),
        "F1 of twins": (pytest.approx(1 / 3), "precision 0.333, recall 0.333; over-merges: 1"),
        "over-merges of named traps": (1.0, "twins"),
    }


def test_broken_records_are_counted_against_the_ledger(found: Callable[[Claim], dict[str, Finding]]) -> None:
    counted = {subject: (f.found, f.true, f.measure) for subject, f in found(noise_found.CLAIM).items()}
    assert counted == {
        "crm/contacts quarantined": (3.0, 3.0, "every one, and nothing else"),
        "crm/contacts rejected": (1.0, 2.0, "-1 to what was put in"),
    }


def test_purchases_to_come_are_those_of_the_people_behind_a_customer(
    found: Callable[[Claim], dict[str, Finding]],
) -> None:
    findings = found(purchases.CLAIM)
    # p1 buys and stands behind c1, c2 and the guest's c4; p3 only returns; p2 buys when nobody looks any more.
    assert (findings["customers who buy"].found, findings["customers who buy"].true) == (2.0, 3.0)
    # c3 is the one who does not buy: below c1, level with c2, above c4.
    assert findings["AUC of the probability"].found == pytest.approx((1 + 0.5 + 0) / 3)
    assert findings["AUC of recency, the baseline"].found == pytest.approx(1 / 2)
    assert "90 of 90 days" in findings["customers who buy"].measure


def test_a_claim_whose_table_is_not_there_says_which_one_it_waits_for(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    waiting = {claim.name: claim for claim in CLAIMS if claim.compare is None}
    told = {finding.claim: finding.measure for finding in evaluate(connection) if finding.claim in waiting}
    assert told == {name: f"not computable yet: needs {claim.needs[0]}" for name, claim in waiting.items()}
    assert set(waiting) >= {"journey stages", "churn and its reasons", "customer lifetime value", "promises kept"}


def test_a_claim_whose_table_is_there_no_longer_says_that_it_waits(places: dict[str, Path]) -> None:
    with duckdb.connect(places["serving"]) as serving:
        serving.execute("create table mart_promises_kept as select 1 as promises_count")
    with opened(**places) as connected:
        [told] = [finding.measure for finding in evaluate(connected) if finding.claim == "promises kept"]
    assert told == "not compared yet, though serving.mart_promises_kept is there"


@pytest.mark.parametrize("missing", ["serving", "warehouse", "truth_root"])
def test_without_truth_or_product_there_is_nothing_to_evaluate(places: dict[str, Path], missing: str) -> None:
    elsewhere = {**places, missing: places[missing].parent / "nowhere"}
    with pytest.raises(NothingToEvaluate), opened(**elsewhere):
        pass
