"""dbt's source files say what the contracts say."""

import pytest

from orchestration.foundation.contract_sources import macro_path, macro_text, sources_path, sources_yaml
from orchestration.foundation.contracts import Contracts, load_contracts
from orchestration.foundation.settings import load_settings

SETTINGS = load_settings({})
CONTRACTS: Contracts = load_contracts(SETTINGS.contracts_dir)


@pytest.mark.parametrize("source", list(CONTRACTS))
def test_the_dbt_source_file_is_what_the_contract_renders(source: str) -> None:
    rendered = sources_yaml(CONTRACTS[source])
    kept = sources_path(SETTINGS.dbt_dir, source).read_text(encoding="utf-8")
    assert kept == rendered, "call contract_sources.write_sources to derive the files anew"


def test_no_source_file_of_a_raw_schema_is_left_without_a_contract() -> None:
    kept = {
        path for path in SETTINGS.dbt_dir.glob("models/staging/*/_*__sources.yml") if "lake_raw_" in path.read_text()
    }
    assert kept == {sources_path(SETTINGS.dbt_dir, source) for source in CONTRACTS}


def test_what_dbts_macros_ask_of_a_contract_is_what_the_contracts_state() -> None:
    kept = macro_path(SETTINGS.dbt_dir).read_text(encoding="utf-8")
    assert kept == macro_text(CONTRACTS), "call contract_sources.write_sources to derive the files anew"
