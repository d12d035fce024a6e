"""Why records are one customer or two, from the tables that nights write."""

from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.identity.evidence.explained import Explanation, explained
from orchestration.identity.evidence.page import explanation_page
from orchestration.identity.evidence.stored import NamesOneRecord, NameUnknown, named_pair, stored_identity
from tests.support.linked_lake import NIGHT, PRIOR_BITS, LinkedLake

EQUAL = {"name equal, in any order": 12.0, "birth_date equal": 9.5, "street different": -1.5}


@pytest.fixture
def lake(tmp_path: Path) -> LinkedLake:
    return LinkedLake(
        tmp_path,
        records=["crm:1", "loyalty:2", "pos:3", "shop:4", "shop:5", "shop:6", "shop:7", "web:8"],
        shared={("email", "hash1"): ["crm:1", "loyalty:2"], ("phone", "hash2"): ["pos:3", "shop:4", "shop:5"]},
        compared={("loyalty:2", "pos:3"): EQUAL, ("shop:6", "shop:7"): {"name alike": 4.0}},
        born={"pos:3": "1980", "shop:4": "1990", "shop:5": "1990"},
    )


def _explained(lake: LinkedLake, one: str, other: str) -> Explanation:
    with stored_identity(Lake(lake.root), memory_limit="1GB", threads=1) as connection:
        return explained(connection, *named_pair(connection, one, other))


def test_the_path_tells_each_step_in_words_and_its_bars_add_up(lake: LinkedLake) -> None:
    lake.decide("must_link", "pos:3", "web:8")
    lake.night()
    found = _explained(lake, "crm:1", "web:8")
    assert [(step.record_id_from, step.record_id_to) for step in found.steps] == [
        ("crm:1", "loyalty:2"),
        ("loyalty:2", "pos:3"),
        ("pos:3", "web:8"),
    ]
    shown, compared, decided = found.steps
    assert shown.headline == (
        "both show one e-mail address, which counts as 14 bits: 16,000 times likelier of one person than of two"
    )
    assert [(bar.label, bar.bits) for bar in compared.weights] == [
        ("two records at random", PRIOR_BITS),
        ("name equal, in any order", 12.0),
        ("birth_date equal", 9.5),
        ("street different", -1.5),
    ]
    assert compared.weights[-1].total_bits == 10.0
    assert compared.probability == pytest.approx(1024 / 1025)
    assert decided.headline == ("decided to be one person by store manager on 2026-06-30: Same person at the desk")


def test_records_that_show_one_number_are_one_step_apart_also_when_the_middle_of_its_star_was_cut_off(
    lake: LinkedLake,
) -> None:
    customers = lake.night()
    assert customers["shop:4"] == customers["shop:5"] != customers["pos:3"]
    [step] = _explained(lake, "shop:5", "shop:4").steps
    assert step.identifier == ("phone", "hash2")


def test_of_two_customers_it_tells_what_speaks_for_one_and_which_guard_kept_them_apart(lake: LinkedLake) -> None:
    lake.night()
    cut = _explained(lake, "crm:1", "shop:5")
    assert not cut.is_one_customer
    assert [step.identifier for step in cut.steps] == [("phone", "hash2")]
    assert cut.apart == (
        "their values contradict each other: another birth date (kept apart since the night of 2026-06-30)",
    )
    weak = _explained(lake, "shop:6", "shop:7")
    assert weak.apart == ("compared, the two speak more of two persons than of one",)
    assert weak.steps[0].weights[-1].total_bits == -6.0
    nothing = _explained(lake, "shop:6", "web:8")
    assert (nothing.steps, nothing.apart) == ((), ())
    assert "`genome merge`" in nothing.summary


def test_a_decision_that_keeps_two_apart_is_told_with_the_evidence_that_it_overrules(lake: LinkedLake) -> None:
    lake.decide("cannot_link", "loyalty:2", "pos:3")
    lake.night()
    found = _explained(lake, "crm:1", "pos:3")
    assert "a decision says that they are two persons" in found.apart[0]
    assert "Decided by store manager on 2026-06-30: Same person at the desk." in found.summary
    assert found.steps[0].weights[-1].total_bits == 10.0


def test_an_old_customer_id_stands_for_its_records(lake: LinkedLake) -> None:
    old = lake.night()["web:8"]
    lake.decide("must_link", "crm:1", "web:8")
    new = lake.night(NIGHT + timedelta(days=1))["web:8"]
    assert new != old
    found = _explained(lake, old, new)
    assert (found.one.record_id, found.one.customer_id) == ("web:8", new)
    assert found.is_one_customer
    assert found.steps[-1].record_id_to == "crm:1"


def test_names_that_stand_for_nothing_or_for_the_same_are_refused(lake: LinkedLake) -> None:
    customer = lake.night()["web:8"]
    with pytest.raises(NameUnknown, match="crm:contacts:42"):
        _explained(lake, "crm:1", "crm:9")
    with pytest.raises(NamesOneRecord, match="web:8"):
        _explained(lake, customer, "web:8")


def test_the_page_has_a_bar_for_each_weight_and_no_value_unless_asked(lake: LinkedLake) -> None:
    lake.night()
    found = _explained(lake, "crm:1", "pos:3")
    page = explanation_page(found, {})
    assert page.count('class="bar ') == 5
    assert 'class="bar against" style="--left: 93.02%; --width: 6.98%"' in page
    assert "No value of any record is on this page" in page
    shown = explanation_page(found, {("email", "hash1"): "<a@example.org>"})
    assert "&lt;a@example.org&gt;" in shown
    assert "personal data" in shown
    assert "http" not in page
