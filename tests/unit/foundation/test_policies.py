import json
from pathlib import Path

import pytest

from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT

POLICIES = PROJECT_ROOT / "lake" / "policies"
SOURCES = ("shop", "crm", "loyalty", "contact_centre", "pos", "online_retail")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in POLICIES.glob("*.yml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_projects_own_policies_load() -> None:
    policies = load_policies(POLICIES)
    assert policies.money.reporting_currency_code == "GBP"
    assert policies.models.label_window_days == 90
    assert policies.publishing.keep_last == 3
    assert policies.identity.max_records_per_customer >= 2


def test_all_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    own = (folder / "identity.yml").read_text(encoding="utf-8")
    (folder / "identity.yml").write_text(own.replace("retrain_growth: 2", "retrain_growth: twice"), encoding="utf-8")
    (folder / "money.yml").write_text("reporting_currency_code: pounds\nrounding: up\n", encoding="utf-8")
    (folder / "models.yml").unlink()
    (folder / "publishing.yml").write_text("keep_last: [", encoding="utf-8")
    with pytest.raises(ConfigurationFaulty) as refused:
        load_policies(folder)
    message = str(refused.value)
    assert "5 faults" in message
    for part in (
        "identity.yml: retrain_growth",
        "money.yml: reporting_currency_code",
        "money.yml: rounding",
        "models.yml is missing",
        "publishing.yml is no YAML",
    ):
        assert part in message


def test_a_file_that_is_a_list_is_refused(folder: Path) -> None:
    (folder / "money.yml").write_text("- GBP\n", encoding="utf-8")
    with pytest.raises(ConfigurationFaulty, match=r"money\.yml must hold names and values"):
        load_policies(folder)


def test_a_misspelt_file_is_told_by_what_is_missing_and_what_is_there(folder: Path) -> None:
    (folder / "money.yml").rename(folder / "monney.yml")
    with pytest.raises(ConfigurationFaulty, match=r"money\.yml is missing; the folder holds .*monney\.yml"):
        load_policies(folder)


def test_a_topic_of_another_stage_is_left_to_it(folder: Path) -> None:
    (folder / "of_another_stage.yml").write_text("a: 1\n", encoding="utf-8")
    assert load_policies(folder) == load_policies(POLICIES)


def test_link_decisions_tell_who_decided_what_and_when(folder: Path) -> None:
    (folder / "link_decisions.yml").write_text(
        "decisions:\n"
        "  - decision: must_link\n"
        "    record_ids: ['crm:contacts:1', 'shop:accounts:2']\n"
        "    reason: Showed the card at the counter\n"
        "    decided_by: customer service\n"
        "    decided_on: 2026-06-30\n",
        encoding="utf-8",
    )
    decided = load_policies(folder).link_decisions.decisions[0]
    assert (decided.decision, decided.record_ids) == ("must_link", ("crm:contacts:1", "shop:accounts:2"))


def test_a_pair_that_is_decided_twice_or_about_itself_is_refused(folder: Path) -> None:
    rows = [("must_link", "a", "b"), ("cannot_link", "b", "a"), ("must_link", "c", "c")]
    listed = "\n".join(
        f"  - {{decision: {kind}, record_ids: [{one}, {other}], reason: r, decided_by: d, decided_on: 2026-06-30}}"
        for kind, one, other in rows
    )
    (folder / "link_decisions.yml").write_text(f"decisions:\n{listed}\n", encoding="utf-8")
    with pytest.raises(ConfigurationFaulty, match=r"c is decided about with itself; a and b have two decisions"):
        load_policies(folder)


def test_the_golden_record_has_a_rule_for_each_attribute_and_every_fault_of_them_is_told(folder: Path) -> None:
    rules = json.loads(load_policies(POLICIES).survivorship.as_json())
    assert rules["email"] == {"criteria": ["verified", "recent", "frequent", "source_priority"], "sources": [*SOURCES]}
    assert rules["title"]["sources"] == ["crm"]
    (folder / "survivorship.yml").write_text(
        "sources: [crm, erp]\n"
        "attributes:\n"
        "  email: {criteria: [recent, verified, recent]}\n"
        "  phone: {criteria: [recent, newest]}\n"
        "  fax: {criteria: [recent]}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationFaulty) as refused:
        load_policies(folder)
    message = str(refused.value)
    assert "11 faults" in message
    for part in (
        "sources.1",
        "recent is named twice",
        "phone.criteria.1",
        "attributes.fax",
        "attributes.name Field required",
    ):
        assert part in message
