"""The schema that editors use accepts what contracts say, and names what they may not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from orchestration.foundation.contract_schema import SCHEMA_LINE, SCHEMA_NAME, schema_text
from orchestration.foundation.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "lake" / "contracts"
CONTRACTS = sorted(FOLDER.glob("*.yml"))
CHECKER = jsonschema.Draft202012Validator(json.loads(schema_text()))


def test_the_schema_beside_the_contracts_is_that_of_their_models() -> None:
    assert (FOLDER / SCHEMA_NAME).read_text(encoding="utf-8") == schema_text(), "run `genome contracts --schema`"


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_contract_names_its_schema_and_is_as_it_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == SCHEMA_LINE
    assert [error.message for error in CHECKER.iter_errors(yaml.safe_load(text))] == []


def _settings(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, model in [("SourceContract", schema), *schema["$defs"].items()]:
        for setting, said in model["properties"].items():
            yield f"{name}.{setting}", said


def test_every_setting_says_what_it_means() -> None:
    settings = dict(_settings(json.loads(schema_text())))
    assert len(settings) > 30
    assert [name for name, said in settings.items() if not said.get("description")] == []
    assert "FeedContract.source" not in settings
    assert settings["StandardiseRule.as"]["description"] == "what the values are (`as` in the file)."


@pytest.mark.parametrize(
    ("place", "value"),
    [("format", "docx"), ("colour", "red"), ("description", "Contacts."), ("on_drift", {"columns": "ignore"})],
)
def test_what_a_contract_may_not_say_is_marked(place: str, value: object) -> None:
    contract = yaml.safe_load((FOLDER / "crm.yml").read_text(encoding="utf-8"))
    contract["feeds"]["contacts"][place] = value
    assert len(list(CHECKER.iter_errors(contract))) == 1
