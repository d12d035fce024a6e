"""When a feed's column counts as changed, and when two columns count as related, as `quality.yml` states it."""

from pydantic import BaseModel, ConfigDict, Field


class ProfileDriftLimits(BaseModel):
    """When a column of a feed has changed since the last night in which the feed arrived.

    A change is told when it is both large and more than chance: beyond the limit below, and beyond what two samples of
    one distribution would show with `false_alarm_probability`.

    Attributes:
        judged_from_rows: with fewer rows on either night nothing is compared.
        share_change_at_least: of a share (of empty cells, or of values of one type), absolute, 0 to 1.
        categories_psi_at_least: of the population stability index of a column of few values; 0.25 is the usual limit.
        categories_growth_at_least: how many times as many categories as before.
        false_alarm_probability: that anything is told of a feed in which nothing changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judged_from_rows: int = Field(default=20, ge=2)
    share_change_at_least: float = Field(default=0.05, gt=0, le=1)
    categories_psi_at_least: float = Field(default=0.25, gt=0)
    categories_growth_at_least: float = Field(default=2, gt=1)
    false_alarm_probability: float = Field(default=0.01, gt=0, lt=1)


class JoinLimits(BaseModel):
    """When the values of a column count as found in a column of another feed.

    Attributes:
        values_at_least: with fewer distinct values to compare nothing is said.
        inclusion_share_at_least: containment from which the other column is said to hold all values, but for faults.
        overlap_share_at_least: containment from which the two are said to share values.
        verified_cells_at_most: cells that a night reads to count exactly what it estimated, the surest first; 0 for
            none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    values_at_least: int = Field(default=20, ge=1)
    inclusion_share_at_least: float = Field(default=0.9, gt=0, le=1)
    overlap_share_at_least: float = Field(default=0.25, gt=0, le=1)
    verified_cells_at_most: int = Field(default=10_000_000, ge=0)


class HandlingLimits(BaseModel):
    """When the values of a column contradict what its contract says of personal data.

    Attributes:
        judged_from_values: with fewer values nothing is said.
        personal_share_at_least: share of values that look like e-mail addresses, phone numbers, names or addresses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judged_from_values: int = Field(default=20, ge=1)
    personal_share_at_least: float = Field(default=0.05, gt=0, le=1)


class ProfilesPolicy(BaseModel):
    """The limits of the nightly profiles.

    Attributes:
        drift: of a column against the last night in which its feed arrived.
        joins: of a column against the columns of other feeds.
        handling: of a column against the class of personal data that its contract states.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    drift: ProfileDriftLimits = ProfileDriftLimits()
    joins: JoinLimits = JoinLimits()
    handling: HandlingLimits = HandlingLimits()
