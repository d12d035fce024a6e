"""When records count as one person, as `lake/policies/identity.yml` states it."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CONFLICT_ATTRIBUTES = ("birth_date", "family_name", "gender", "given_initial", "given_name")
"""What records say of a person by which a conflict rule can keep two people apart, beside the types of identifiers."""
_IDENTIFIER_TYPES = ("cookie_id", "device_id", "email", "login_id", "loyalty_card", "phone")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BridgePolicy(_Strict):
    """When one shared identifier alone does not join two groups of records.

    Attributes:
        weak_until_bits: an identifier whose match weight is at most this is weak.
        records_at_least: records that each of the two groups has at least.
    """

    weak_until_bits: float = Field(ge=0)
    records_at_least: int = Field(ge=2)


class ComparedPairsPolicy(_Strict):
    """When compared pairs join two groups of records, in bits of match weight (log2 of the odds).

    Attributes:
        join_from_bits: lowest mean weight, over all pairs between two groups, that joins them.
        count_at_most_bits: highest weight that one pair counts with, so that no single pair outweighs all doubts.
        never_compared_bits: what a pair counts that no blocking rule found.
        review_from_bits: a pair of at least this weight that was not followed is told in the review queue.
    """

    join_from_bits: float
    count_at_most_bits: float
    never_compared_bits: float
    review_from_bits: float

    @model_validator(mode="after")
    def _in_rising_order(self) -> "ComparedPairsPolicy":
        if not self.never_compared_bits < self.join_from_bits <= self.count_at_most_bits:
            raise ValueError(
                "never_compared_bits, join_from_bits and count_at_most_bits must rise, the last two may be equal"
            )
        return self


class AgreementPolicy(_Strict):
    """From where on the agreement report tells a measure as a suspicion.

    Attributes:
        many_records: records above which a customer is suspected to be several people.
        apart_bits: match weight from which a compared pair in two customers makes them suspected to be one.
        comparable_at_least: attributes below which a record without identifier cannot be linked.
        stability_index: population stability index above which a comparison has drifted.
        drift_pairs_at_least: pairs below which an index is told without a limit, as chance alone moves it.
    """

    many_records: int = Field(ge=1)
    apart_bits: float
    comparable_at_least: int = Field(ge=1)
    stability_index: float = Field(gt=0)
    drift_pairs_at_least: int = Field(ge=1)


class IdentityPolicy(_Strict):
    """When records count as one person; what each type of identifier may say is the seed `identifier_types`.

    Attributes:
        max_records_per_customer: records that one customer may have.
        pairs_per_record_at_most: a blocking rule that would compare more pairs for each record on average does not run.
        bridge: when one shared identifier alone is not enough.
        conflicts: attributes by rule code; two groups of records that contradict each other in all of them are not
            joined.
        weak_conflicts: the same for two groups that nothing stronger than `bridge.weak_until_bits` joins.
        compared_pairs: when records that share no identifier are one person.
        retrain_after_days: age at which the stored linkage model is replaced.
        retrain_growth: the model is replaced when there are this many times the records it was trained on, or as many
            times fewer.
        agreement: from where on the nightly report of agreement suspects something.
    """

    max_records_per_customer: int = Field(ge=2)
    pairs_per_record_at_most: int = Field(ge=1)
    bridge: BridgePolicy
    conflicts: Mapping[str, tuple[str, ...]]
    weak_conflicts: Mapping[str, tuple[str, ...]]
    compared_pairs: ComparedPairsPolicy
    retrain_after_days: int = Field(ge=1)
    retrain_growth: float = Field(gt=1)
    agreement: AgreementPolicy

    @field_validator("conflicts", "weak_conflicts")
    @classmethod
    def _name_what_is_known(cls, conflicts: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        known = (*CONFLICT_ATTRIBUTES, *_IDENTIFIER_TYPES)
        faults = [f"{code} names no attribute" for code, names in conflicts.items() if not names]
        faults += [
            f"{code} names {name!r}; known are {', '.join(known)}"
            for code, names in conflicts.items()
            for name in names
            if name not in known
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return conflicts
