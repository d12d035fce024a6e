"""Which of several values of a customer's attribute counts, as `lake/policies/survivorship.yml` states it."""

import json
from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Criterion = Literal["complete", "verified", "recent", "frequent", "source_priority"]
PersonSource = Literal["shop", "crm", "loyalty", "contact_centre", "pos", "online_retail"]
_Named = TypeVar("_Named", bound=Sequence[str])


def _each_once(names: _Named) -> _Named:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is named twice, its place is one")
    return names


Criteria = Annotated[tuple[Criterion, ...], Field(min_length=1), AfterValidator(_each_once)]
Sources = Annotated[tuple[PersonSource, ...], Field(min_length=1), AfterValidator(_each_once)]


class SurvivorshipRule(BaseModel):
    """How one value of an attribute is chosen.

    Attributes:
        criteria: what is compared, in this order, until one value is better: `complete` (more of its parts are known),
            `verified`, `recent` (said last), `frequent` (said by more source records), `source_priority`.
        sources: the sources in the order in which they are believed, for this attribute; all others come after them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    criteria: Criteria
    sources: Sources | None = None


class SurvivorshipRules(BaseModel):
    """The rule of each attribute, a name and an address each being one; all of them are stated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: SurvivorshipRule
    title: SurvivorshipRule
    gender: SurvivorshipRule
    birth_date: SurvivorshipRule
    email: SurvivorshipRule
    phone: SurvivorshipRule
    address: SurvivorshipRule
    country_code: SurvivorshipRule
    company_account_id: SurvivorshipRule


class SurvivorshipPolicy(BaseModel):
    """By which criteria the golden record takes its values.

    Whatever the criteria say, a suspect value never wins over a clean one, nor a value that its record replaced over
    one that is still said.

    Attributes:
        sources: the sources in the order in which they are believed, where a rule does not state its own.
        attributes: the rules.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: Sources
    attributes: SurvivorshipRules

    def as_json(self) -> str:
        """Return the rules as dbt reads them: by attribute its `criteria` and `sources`, ordered by attribute."""
        rules = {
            name: {"criteria": rule.criteria, "sources": rule.sources or self.sources}
            for name, rule in sorted(self.attributes)
        }
        return json.dumps(rules)
