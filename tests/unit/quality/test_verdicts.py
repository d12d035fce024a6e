import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.quality.verdicts import FactVerdict, GateFailed, Verdict, require_passed, to_table

HELD = FactVerdict(
    gate="customer",
    table="customer.dim_customers",
    fact="no_customer_in_two_rows",
    is_passed=True,
    observed={},
    unexpected_count=0,
    description="A customer has one row.",
)
BROKEN = FactVerdict(
    gate="customer",
    table="customer.fct_orders",
    fact="no_order_is_lost",
    is_passed=False,
    observed={"keys": ["o1"]},
    unexpected_count=1,
    description="Every order is there.",
)


def test_a_verdict_passes_when_every_fact_held() -> None:
    assert Verdict("customer", (HELD,)).is_passed
    require_passed(Verdict("customer", (HELD,)))


def test_a_verdict_with_a_broken_fact_fails_and_says_what_was_seen_and_the_way_out() -> None:
    verdict = Verdict("customer", (HELD, BROKEN))
    assert verdict.failed == (BROKEN,)
    with pytest.raises(GateFailed) as raised:
        require_passed(verdict)
    message = str(raised.value)
    assert "the customer gate found 1 of 2 facts broken" in message
    assert 'customer.fct_orders: no_order_is_lost (1 unexpected; {"keys": ["o1"]})' in message
    assert "lake/policies/quality.yml" in message


def test_a_fact_that_only_warns_fails_no_gate() -> None:
    warned = replace(BROKEN, is_blocking=False)
    verdict = Verdict("customer", (HELD, warned))
    assert verdict.is_passed
    assert (verdict.failed, verdict.warned) == ((), (warned,))
    require_passed(verdict)


def test_verdicts_become_one_row_per_fact_in_the_lakes_schema() -> None:
    table = to_table(
        Verdict("customer", (HELD, BROKEN)),
        as_of_on=date(2026, 3, 31),
        checked_at=datetime(2026, 4, 1, 3, 0, tzinfo=UTC),
        run_id="r1",
    )
    assert table.schema == LAKE_TABLES["quality/verdicts"].schema
    first, second = table.to_pylist()
    assert (first["fact"], first["is_passed"], first["observed_json"]) == ("no_customer_in_two_rows", True, "{}")
    assert second == {
        "as_of_on": date(2026, 3, 31),
        "gate": "customer",
        "table_name": "customer.fct_orders",
        "fact": "no_order_is_lost",
        "is_passed": False,
        "is_blocking": True,
        "observed_json": json.dumps({"keys": ["o1"]}),
        "unexpected_count": 1,
        "checked_at": datetime(2026, 4, 1, 3, 0),  # noqa: DTZ001 - the lake stores UTC without a zone
        "_run_id": "r1",
    }
