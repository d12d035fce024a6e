import pytest
from pydantic import ValidationError

from orchestration.foundation.operations_policy import AlertsPolicy, OperationsPolicy, RetentionPolicy
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT


def test_the_projects_own_policy_tells_nobody_until_somebody_is_named() -> None:
    policy = load_policies(PROJECT_ROOT / "lake" / "policies").operations
    assert policy.alerts == AlertsPolicy()
    assert policy.catch_up_nights_at_most >= 1


@pytest.mark.parametrize(
    "stated",
    [
        {"mail_from": "genome@example.com"},
        {"mail_to": ["team@example.com"]},
        {"mail_from": "genome", "mail_to": ["team@example.com"]},
        {"mail_from": "genome@example.com", "mail_to": ["a@example.com, b@example.com"]},
        {"mail_from": "genome@example.com\nBcc: x@example.com", "mail_to": ["a@example.com"]},
    ],
)
def test_addresses_are_whole_and_go_together(stated: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        AlertsPolicy.model_validate(stated)
    assert "@example.com" not in refused.value.errors()[0]["msg"].replace("a@example.com", "")


@pytest.mark.parametrize("field", ["run_log_days", "unclaimed_file_days", "superseded_file_days", "removals_at_most"])
def test_nothing_is_kept_for_no_time(field: str) -> None:
    good = dict.fromkeys(RetentionPolicy.model_fields, 7)
    with pytest.raises(ValidationError):
        OperationsPolicy.model_validate({"catch_up_nights_at_most": 1, "retention": {**good, field: 0}})
