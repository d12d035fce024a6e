"""Which records people decided to be one person or two, as `lake/policies/link_decisions.yml` states it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class LinkDecision(BaseModel):
    """One decision about two records; it binds whatever the evidence says.

    Attributes:
        decision: `must_link` (one person) or `cannot_link` (never one person).
        record_ids: the two records.
        reason: why.
        decided_by: who decided; a role or a name of staff.
        decided_on: when; nights before that day do not know of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: Literal["must_link", "cannot_link"]
    record_ids: tuple[str, str]
    reason: str = Field(min_length=1)
    decided_by: str = Field(min_length=1)
    decided_on: date


class LinkDecisionsPolicy(BaseModel):
    """All decisions in force; to withdraw one, take it out.

    Attributes:
        decisions: each about another pair of records.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    decisions: tuple[LinkDecision, ...] = ()

    @model_validator(mode="after")
    def _each_pair_is_decided_once(self) -> "LinkDecisionsPolicy":
        pairs = [tuple(sorted(decision.record_ids)) for decision in self.decisions]
        alone = sorted({one for one, other in pairs if one == other})
        twice = sorted({" and ".join(pair) for pair in pairs if pairs.count(pair) > 1})
        faults = [f"{name} is decided about with itself" for name in alone]
        faults += [f"{name} have two decisions, a pair has one" for name in twice]
        if faults:
            raise ValueError("; ".join(faults))
        return self
