"""Decisions come into their file and go out of it; everything else in it stays as people wrote it."""

from datetime import date

import pytest
import yaml

from orchestration.foundation.link_decisions_file import (
    LinkDecisionsUneditable,
    PairDecided,
    with_decision,
    without_decision,
)
from orchestration.foundation.link_decisions_policy import LinkDecision, LinkDecisionsPolicy
from orchestration.foundation.settings import PROJECT_ROOT

SHIPPED = (PROJECT_ROOT / "lake" / "policies" / "link_decisions.yml").read_text(encoding="utf-8")
WRITTEN_BY_HAND = """\
# What the desk decided.
decisions:
    # The twins of Leeds.
    - decision: cannot_link
      record_ids: [crm:1, crm:2]
      reason: >
        Twins, both
        were here.
      decided_by: desk  # on the phone
      decided_on: 2026-01-02

    # Her maiden name.
    - {decision: must_link, record_ids: [crm:3, crm:4], reason: Name, decided_by: desk, decided_on: 2026-01-03}
# The end.
"""
NEW = LinkDecision(
    decision="must_link",
    record_ids=("crm:9", "shop:8"),
    reason='Said "it is me: #1" - twice; ü',
    decided_by="desk",
    decided_on=date(2026, 6, 30),
)


def _decisions(text: str) -> tuple[LinkDecision, ...]:
    return LinkDecisionsPolicy.model_validate(yaml.safe_load(text)).decisions


@pytest.mark.parametrize(
    "text", [SHIPPED, WRITTEN_BY_HAND, "decisions:\n", "# nothing yet\n", SHIPPED.replace("\n", "\r\n")]
)
def test_what_is_added_and_withdrawn_leaves_the_file_as_it_was(text: str) -> None:
    added = with_decision(text, NEW)
    assert _decisions(added)[-1] == NEW
    assert [line for line in text.splitlines() if line not in added.splitlines()] in ([], ["decisions: []"])
    again = without_decision(added, NEW)
    assert again.replace("decisions: []", "decisions:").split() in (
        text.replace("decisions: []", "decisions:").split(),
        [*text.split(), "decisions:"],
    )


def test_a_decision_goes_with_its_comment_and_no_other() -> None:
    twins, maiden = _decisions(WRITTEN_BY_HAND)
    rest = without_decision(WRITTEN_BY_HAND, twins)
    assert _decisions(rest) == (maiden,)
    assert ("Leeds" in rest, "maiden" in rest, "# What the desk decided." in rest, "# The end." in rest) == (
        False,
        True,
        True,
        True,
    )
    assert _decisions(without_decision(rest, maiden)) == ()


def test_a_pair_has_one_decision_in_whatever_order_it_is_named() -> None:
    turned = NEW.model_copy(update={"record_ids": ("crm:2", "crm:1")})
    with pytest.raises(PairDecided, match="cannot_link, by desk on 2026-01-02"):
        with_decision(WRITTEN_BY_HAND, turned)


def test_a_layout_that_cannot_be_changed_safely_is_left_alone() -> None:
    flow = "decisions: [{decision: must_link, record_ids: [a, b], reason: r, decided_by: d, decided_on: 2026-01-01}]\n"
    with pytest.raises(LinkDecisionsUneditable, match="by hand"):
        with_decision(flow, NEW)
    with pytest.raises(LinkDecisionsUneditable, match="by hand"):
        without_decision(flow, _decisions(flow)[0])
