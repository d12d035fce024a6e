"""How an installation is kept while nobody looks, as `lake/policies/operations.yml` states it."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AlertsPolicy(_Strict):
    """Who is told by e-mail that a night failed.

    Attributes:
        mail_from: the sender's address; empty for no e-mail.
        mail_to: the recipients' addresses; empty for no e-mail.
    """

    mail_from: str = ""
    mail_to: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _addresses_are_addresses(self) -> "AlertsPolicy":
        wrong = [address for address in (self.mail_from, *self.mail_to) if address and not _is_address(address)]
        if wrong:
            message = f"{len(wrong)} of mail_from and mail_to are no e-mail addresses; write one such as a@example.com"
            raise ValueError(message)
        if bool(self.mail_from) != bool(self.mail_to):
            message = "mail_from and mail_to go together: state both or neither"
            raise ValueError(message)
        return self


class RetentionPolicy(_Strict):
    """After how many days what is no longer needed is removed; a day is 24 hours.

    Attributes:
        run_log_days: of Dagster's ended runs with their logs, since they were made.
        unclaimed_file_days: of archived files that belong to no feed, since they arrived.
        dbt_log_days: of dbt's rotated logs and earlier manifests, since they were written.
        superseded_file_days: of lake files that no manifest record names, since they were superseded; longer than any
            night, so that nothing a night or a reader still has open goes.
        removals_at_most: of each kind in one go.
    """

    run_log_days: int = Field(ge=1)
    unclaimed_file_days: int = Field(ge=1)
    dbt_log_days: int = Field(ge=1)
    superseded_file_days: int = Field(ge=2)
    removals_at_most: int = Field(ge=1)


class OperationsPolicy(_Strict):
    """Missed nights, alerts and retention.

    Attributes:
        catch_up_nights_at_most: nights that one tick of the schedule starts, its own included.
        alerts: who is told by e-mail.
        retention: what is removed when.
    """

    catch_up_nights_at_most: int = Field(ge=1, le=31)
    alerts: AlertsPolicy = AlertsPolicy()
    retention: RetentionPolicy


def _is_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    return bool(name and at and domain) and not any(sign.isspace() or sign in "<>,@" for sign in name + domain)
