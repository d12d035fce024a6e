"""What the contract files may say, and that every fault is told at once."""

from pathlib import Path

import pytest

from orchestration.foundation.contracts import load_contracts, raw_schema
from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.settings import PROJECT_ROOT

MINIMAL = """
source: till
owner: stores
description: The tills.
feeds:
  receipts:
    description: One row per receipt.
    format: csv
    file_pattern: receipts_*.csv
    delivery: events
    key: [receipt_id]
    duplicate_rule: latest_version
    retention_days: 30
    columns:
      receipt_id: {type: text, required: true, pii: none, purpose: tells receipts apart, description: Its number.}
      buyer: {type: json, aliases: [Customer], pii: direct, purpose: identity, description: Who bought.}
    standardise:
      - {as: email, column: buyer, json_path: $.email}
"""


def _faults(folder: Path, text: str, name: str = "till.yml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFaulty) as raised:
        load_contracts(folder)
    return str(raised.value)


def test_the_projects_own_contracts_load() -> None:
    contracts = load_contracts(PROJECT_ROOT / "lake" / "contracts")
    assert {name: list(source.feeds) for name, source in contracts.items()} == {
        "ads": ["spend"],
        "catalogue": ["products", "stock"],
        "consent": ["changes"],
        "contact_centre": ["tickets"],
        "crm": ["contacts"],
        "loyalty": ["members"],
        "newsletter": ["events"],
        "offers": ["offers", "attempts"],
        "online_retail": ["lines"],
        "pos": ["receipts"],
        "privacy_requests": ["requests"],
        "reference": ["postcodes"],
        "shop": ["orders", "accounts"],
        "sightings": ["sightings"],
        "social": ["engagements"],
        "surveys": ["answers", "reviews"],
        "web": ["events"],
    }


def test_a_raw_table_has_the_contracts_columns_as_text_and_then_its_provenance(tmp_path: Path) -> None:
    (tmp_path / "till.yml").write_text(MINIMAL, encoding="utf-8")
    feed = load_contracts(tmp_path)["till"].feeds["receipts"]
    assert [(field.name, str(field.type)) for field in raw_schema(feed)] == [
        ("receipt_id", "string"),
        ("buyer", "string"),
        ("_extras", "string"),
        ("_source", "string"),
        ("_feed", "string"),
        ("_file", "string"),
        ("_file_sha256", "string"),
        ("_row_number", "int64"),
        ("_ingested_at", "timestamp[us]"),
        ("_run_id", "string"),
    ]
    assert load_contracts(tmp_path).raw_schemas() == {"raw/till/receipts": raw_schema(feed)}


@pytest.mark.parametrize("header", ["buyer", " BUYER ", "customer", "Customer"])
def test_a_header_is_known_by_name_or_alias_whatever_its_case(tmp_path: Path, header: str) -> None:
    (tmp_path / "till.yml").write_text(MINIMAL, encoding="utf-8")
    feed = load_contracts(tmp_path)["till"].feeds["receipts"]
    assert feed.column_of_header(header) == "buyer"
    assert feed.column_of_header("buyer_name") is None


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text("source: web\nsource: web\n", encoding="utf-8")
    text = (
        MINIMAL.replace("type: text", "type: txt")
        .replace("key: [receipt_id]", "key: [receipt_number]\n    colour: red")
        .replace("owner: stores\n", "")
    )
    told = _faults(tmp_path, text)
    for evidence in ("web.yml", "stands twice", "columns.receipt_id.type", "colour", "owner", "mend"):
        assert evidence in told.lower() or evidence in told


@pytest.mark.parametrize(
    ("old", "new", "evidence"),
    [
        ("key: [receipt_id]", "key: [nothing]", "names 'nothing', which is no column"),
        ("key: [receipt_id]", "key: []", "needs a key"),
        ("aliases: [Customer]", "aliases: [RECEIPT_ID]", "answers to the header 'RECEIPT_ID'"),
        ("json_path: $.email", "json_path: $.email, country_column: buyer", "only phones have"),
        (", json_path: $.email", "", "needs a json path exactly when"),
        ("json_path: $.email", "json_path: $.email, country: GB", "states a country, which only phones have"),
        ("column: buyer", "column: payer", "names 'payer'"),
        ("One row per receipt.", "Receipts.", "description"),
        ("receipts_*.csv", "a/b.csv", "may hold no path"),
        ("receipts:", "Receipts:", "snake_case"),
        ("format: csv", "format: csv\n    encoding: klingon", "no encoding that Python knows"),
        ("format: csv", "format: csv\n    timezone: Mars/Olympus", "no IANA time zone"),
        ("format: csv", "format: csv\n    spreadsheet: {sheet: Members}", "only ods, xls, xlsx have sheets"),
        ("format: csv", "format: csv\n    records: data", "only json has arrays inside objects"),
        ("format: csv", "format: json\n    records: data.", "records"),
        ("format: csv", "format: xml", "states the record element exactly when the format is xml"),
        ("format: csv", "format: csv\n    xml: {record: r}", "states the record element exactly when"),
        ("format: csv", "format: xml\n    xml: {record: /r}", "xml.record"),
        ("format: csv", "format: xml\n    xml: {record: r}\n    encoding: utf-8", "an XML file declares its own"),
        ("format: csv", "format: xlsx\n    spreadsheet: {sheets: Members}", "spreadsheet.sheets"),
        ("text, required: true", "text, digits: 0", "receipt_id.digits"),
        ("json, aliases", "json, digits: 16, aliases", "an id of digits is text"),
        ("format: csv", "format: csv\n    on_drift: {types: ignore}", "on_drift.types"),
        ("format: csv", "format: csv\n    on_drift: {values: evolve}", "no column has accepted_values"),
        ("text, required: true", "date, formats: [dd.mm.yyyy], required: true", "none of strptime"),
        ("text, required: true", "date, formats: ['%Y-%q'], required: true", "none of strptime"),
        ("source: till", "source: tills", "the file is named till.yml"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, old: str, new: str, evidence: str) -> None:
    assert old in MINIMAL
    told = _faults(tmp_path, MINIMAL.replace(old, new))
    assert "till.yml" in told
    assert evidence in told


def test_a_sheet_needs_a_required_column_to_find_its_header_by(tmp_path: Path) -> None:
    told = _faults(tmp_path, MINIMAL.replace("format: csv", "format: xlsx").replace("required: true, ", ""))
    assert "the header of a sheet is found by its columns' names" in told


def test_two_feeds_of_a_source_may_not_claim_the_same_files(tmp_path: Path) -> None:
    body = MINIMAL[MINIMAL.index("    description: One row") :]
    assert "claim the same files" in _faults(tmp_path, MINIMAL + "  bills:\n" + body.replace("receipts_*", "r*_*"))


def test_a_folder_without_contracts_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFaulty, match=r"holds no \*\.yml"):
        load_contracts(tmp_path)


def test_a_file_that_is_no_yaml_is_a_fault(tmp_path: Path) -> None:
    assert "is no YAML" in _faults(tmp_path, "source: [")
    assert "must hold source" in _faults(tmp_path, "- a\n- b\n")
