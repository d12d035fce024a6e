"""Columns are traced through the SQL that dbt compiled: known lineages, and where personal data may end."""

import csv
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from orchestration.foundation.feed_contract import Pii
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.warehouse.column_lineage import Column, ColumnLineage, lineage_of

Node = Mapping[str, Any]

VERDICTS_ON_ROWS = {
    ("mart_row_ledger", "row_ledger_id"),
    ("mart_row_ledger", "row_fate"),
    ("mart_row_ledger", "reason_code"),
    ("mart_source_coverage", "records_count"),
    ("mart_source_coverage", "refused_records_count"),
}
"""Published columns that look at direct identifiers: whether rows were usable, as codes, counts and a hash."""


@pytest.fixture(scope="session")
def lineage(manifest: Node, models: Mapping[str, Node]) -> ColumnLineage:
    return lineage_of(manifest, {node["unique_id"]: node["compiled_code"] for node in models.values()})


def test_every_model_can_be_read_and_every_documented_column_is_traced(
    lineage: ColumnLineage, models: Mapping[str, Node]
) -> None:
    assert lineage.unreadable == ()
    for name, node in models.items():
        assert set(lineage.sources[node["unique_id"]]) == set(node["columns"]), name


@pytest.mark.parametrize(
    ("column", "sources"),
    [
        (("mart_customer_360", "net_revenue_amount"), {("fct_orders", "net_revenue_amount")}),
        (("mart_customer_360", "as_of_on"), set()),
        (("mart_customer_360", "segment_name"), {("rfm_segments", "segment_name")}),
        (("dim_customers", "birth_year"), {("stg_crm__contacts", "birthday")}),
        (("dim_customers", "has_email"), {("dim_customer_identifiers", "identifier_type")}),
        (("stg_shop__order_lines_typed", "unit_price"), {("orders", "lines")}),
    ],
)
def test_known_lineages(column: Column, sources: set[Column], lineage: ColumnLineage, manifest: Node) -> None:
    model, name = column
    found = lineage.sources[f"model.consumer_genome.{model}"][name]
    assert {(_node(manifest, unique_id)["name"], source) for unique_id, source in found} == sources


def test_the_birth_year_that_is_published_comes_from_what_staff_typed(
    lineage: ColumnLineage, models: Mapping[str, Node]
) -> None:
    origins = lineage.origins((models["mart_customer_360"]["unique_id"], "birth_year"))
    assert ("source.consumer_genome.crm.contacts", "birthday") in origins


def test_no_published_column_is_made_from_what_its_class_forbids_to_publish(
    lineage: ColumnLineage, manifest: Node, models: Mapping[str, Node]
) -> None:
    leaking = {
        (node["name"], column)
        for node in models.values()
        if node["access"] == "public"
        for column in node["columns"]
        if any(_pii(manifest, origin) in _unpublished() for origin in lineage.origins((node["unique_id"], column)))
    }
    assert leaking == VERDICTS_ON_ROWS


def test_what_looks_at_direct_identifiers_says_no_more_than_a_code_or_a_hash(
    manifest: Node, models: Mapping[str, Node]
) -> None:
    tested = {
        (manifest["nodes"][test["attached_node"]]["name"], test["test_metadata"]["kwargs"].get("column_name"))
        for test in manifest["nodes"].values()
        if test.get("test_metadata", {}).get("name") == "accepted_values"
    }
    assert ("mart_row_ledger", "row_fate") in tested
    assert models["mart_row_ledger"]["columns"]["row_ledger_id"]["description"].lower().find("hash") >= 0


def _unpublished() -> set[str]:
    """The classes of personal data that the reference list of handling rules calls unpublished."""
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "pii_classes.csv").open(encoding="utf-8") as file:
        return {row["pii"] for row in csv.DictReader(file) if row["is_published"] == "false"}


def test_the_reference_list_of_handling_rules_has_the_classes_of_contracts_and_forbids_what_names_people() -> None:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "pii_classes.csv").open(encoding="utf-8") as file:
        rules = {row["pii"]: row for row in csv.DictReader(file)}
    assert set(rules) == set(get_args(Pii))
    assert {"direct", "sensitive"} == _unpublished()
    assert [name for name, rule in rules.items() if rule["is_previewed"] == "true"] == ["none"]


def _node(manifest: Node, unique_id: str) -> Node:
    found: Node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
    return found


def _pii(manifest: Node, column: Column) -> str:
    documented = _node(manifest, column[0])["columns"].get(column[1], {})
    return str(documented.get("config", {}).get("meta", {}).get("pii", "none"))
