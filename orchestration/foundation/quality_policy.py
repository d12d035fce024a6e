"""What the gates tolerate and what profiles tell, as `lake/policies/quality.yml` states it; facts are `quality`'s."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, model_validator

from orchestration.foundation.profiles_policy import ProfilesPolicy


class Limits(BaseModel):
    """Shares, counts and amounts beyond which a fact does not hold; shares are 0 to 1.

    Attributes:
        quarantined_share_at_most: of a file's records, those without shape.
        keyless_share_at_most: of a file's rows, those that lack a column of the key.
        blank_share_at_most: of a file's rows, those that leave a required column empty.
        unparsed_share_at_most: of a file's rows, those whose value is not of its type or not accepted.
        refused_share_at_most: of a file's rows, those that staging's row rules reject.
        judged_from_records: files with fewer records are not judged by shares.
        unit_price_at_most: the highest price of one piece that is believed.
        mean_probability_distance_at_most: between tonight's mean score and the model's base rate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quarantined_share_at_most: float = Field(default=0.02, ge=0, le=1)
    keyless_share_at_most: float = Field(default=0.02, ge=0, le=1)
    blank_share_at_most: float = Field(default=0.5, ge=0, le=1)
    unparsed_share_at_most: float = Field(default=0.05, ge=0, le=1)
    refused_share_at_most: float = Field(default=0.05, ge=0, le=1)
    judged_from_records: int = Field(default=20, ge=1)
    unit_price_at_most: float = Field(default=1_000_000, gt=0)
    mean_probability_distance_at_most: float = Field(default=0.2, ge=0, le=1)


class WaivedFile(BaseModel):
    """A delivered file whose shares somebody has looked at and accepted.

    Attributes:
        file_sha256: of the delivered bytes.
        reason: why it is accepted.
        decided_by: who decided; a role or a name of staff.
        decided_on: when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    reason: str = Field(min_length=1)
    decided_by: str = Field(min_length=1)
    decided_on: date


class QualityPolicy(BaseModel):
    """The limits of all gates, those of single feeds where they differ, and files that were waived.

    Attributes:
        limits: hold for every feed that states none.
        feeds: by `source/feed`, the limits that differ; all others are those of `limits`.
        waived_files: judged by no share.
        profiles: what the nightly profiles tell; they stop nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    limits: Limits = Limits()
    feeds: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    waived_files: tuple[WaivedFile, ...] = ()
    profiles: ProfilesPolicy = ProfilesPolicy()

    @model_validator(mode="after")
    def _every_feed_has_limits(self) -> "QualityPolicy":
        for feed in self.feeds:
            self.limits_of(feed)
        return self

    def limits_of(self, feed: str) -> Limits:
        """Return the limits of `source/feed`."""
        return Limits.model_validate({**self.limits.model_dump(), **self.feeds.get(feed, {})})
