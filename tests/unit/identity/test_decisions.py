from datetime import date

import pyarrow as pa

from orchestration.foundation.link_decisions_policy import LinkDecision, LinkDecisionsPolicy
from orchestration.identity.graph.decisions import decisions_in_force, decisions_without_records

NIGHT = date(2026, 6, 30)


def _decided(one: str, other: str, *, day: int) -> LinkDecision:
    return LinkDecision(
        decision="must_link",
        record_ids=(one, other),
        reason="Same card",
        decided_by="shop",
        decided_on=date(2026, 6, day),
    )


def test_a_night_knows_of_the_decisions_up_to_its_day_in_one_order() -> None:
    policy = LinkDecisionsPolicy(decisions=(_decided("d", "c", day=30), _decided("a", "b", day=1)))
    table = decisions_in_force(policy, as_of_on=NIGHT)
    assert [(row["record_id_left"], row["record_id_right"]) for row in table.to_pylist()] == [("a", "b"), ("c", "d")]
    assert decisions_in_force(policy, as_of_on=date(2026, 6, 29)).num_rows == 1
    assert decisions_in_force(LinkDecisionsPolicy(), as_of_on=NIGHT).num_rows == 0


def test_a_decision_about_a_record_that_is_not_there_is_told() -> None:
    policy = LinkDecisionsPolicy(decisions=(_decided("a", "b", day=1), _decided("a", "z", day=1)))
    decisions = decisions_in_force(policy, as_of_on=NIGHT)
    told = decisions_without_records(decisions, pa.table({"record_id": ["a", "b"]}), as_of_on=NIGHT).to_pylist()
    assert [(row["guard"], row["reason_code"], row["record_id_right"]) for row in told] == [
        ("decision", "record_unknown", "z")
    ]
    assert told[0]["evidence_json"] == '{"reason":"Same card","decided_by":"shop","decided_on":"2026-06-01"}'
