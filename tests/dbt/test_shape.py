"""The rules of the dbt project as queries over its manifest."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.foundation.settings import PROJECT_ROOT
from tests.support.warehouses import lake_schemas

Node = Mapping[str, Any]
Models = Mapping[str, Node]

BLOCKS = ("block_staging", "block_customer", "block_insight", "block_serving")
MAY_READ_SOURCES = {
    *("fct_purchase_scores", "dim_models", "fct_identity_measures"),
    *("dim_customer_ids", "dim_customer_records_history", "customer_id_lineage"),
}
"""Models that hold what Python stages made, beside the staging and identity layers."""
READS = {
    "staging": {"staging", "seed"},
    "identity": {"staging", "identity", "seed"},
    "customer": {"staging", "identity", "customer", "seed", "ledger"},
    "insight": {"customer", "insight", "seed"},
    "serving": {"customer", "insight", "serving", "seed", "ledger"},
}
LEDGER_MODELS = {
    *("stg_ledger__files", "stg_quarantine__records", "int_rows_judged"),
    *("stg_profiles__columns", "stg_profiles__changes", "stg_profiles__joins", "stg_profiles__handling"),
}
"""Models of staging about feeds of all sources and not about what they hold: later layers read them as they are."""
ENGINE_WORDS = re.compile(
    r"\b(sha256|md5|json_\w*|unnest|explode|try_strptime|strptime|timezone|date_diff|datediff|regexp_\w+|"
    r"arg_max|max_by|list_\w+|struct_\w+|epoch\w*|exclude|date_part)\s*\(|::",
)
CLOCK_WORDS = re.compile(r"\b(current_date|current_timestamp|now\s*\(|today\s*\(|get_current_timestamp)", re.IGNORECASE)
NAME = re.compile(
    r"(stg_[a-z_]+__[a-z_]+|int_[a-z_]+|dim_[a-z_]+|fct_[a-z_]+|feat_[a-z]+__\d+d|mart_[a-z0-9_]+|"
    r"identity_(edge|review_queue|suspect)|customer_id_lineage)"
)
"""The last ones are the names under which the evidence of identity is known."""


def layer(node: Node) -> str:
    if node["resource_type"] == "seed":
        return "seed"
    if node["name"].endswith("_touched"):
        return "touched"
    if node["name"] in LEDGER_MODELS and node["fqn"][1] == "staging":
        return "ledger"
    return str(node["fqn"][1])


def block(node: Node) -> int:
    [found] = [number for number, name in enumerate(BLOCKS) if name in node["tags"]]
    return found


def without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|\{#.*?#\}", "", sql, flags=re.DOTALL)


def plain_sql(sql: str) -> str:
    """Return the SQL that stands there as it is, without what macros make."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", without_comments(sql), flags=re.DOTALL)


def parents(manifest: Node, node: Node) -> Iterator[Node]:
    for name in node["depends_on"]["nodes"]:
        if name in manifest["nodes"]:
            yield manifest["nodes"][name]


def sql_files(folder: str) -> list[Path]:
    return sorted((PROJECT_ROOT / "dbt_project" / folder).rglob("*.sql"))


def test_only_staging_identity_and_the_holders_of_scores_read_sources(models: Models) -> None:
    reading = {
        name
        for name, node in models.items()
        if any(parent.startswith("source.") for parent in node["depends_on"]["nodes"])
        and node["fqn"][1] not in {"staging", "identity"}
    }
    assert reading == MAY_READ_SOURCES


def test_layers_read_only_what_lies_before_them(manifest: Node, models: Models) -> None:
    wrong = [
        (name, parent["name"])
        for name, node in models.items()
        for parent in parents(manifest, node)
        if layer(parent) not in READS[node["fqn"][1]] | {"touched"} | ({"ledger"} if layer(node) == "ledger" else set())
    ]
    assert wrong == []


def test_a_staging_model_reads_one_source(manifest: Node, models: Models) -> None:
    for name, node in models.items():
        if name.startswith("stg_"):
            sources = {
                manifest["sources"][parent]["source_name"]
                for parent in node["depends_on"]["nodes"]
                if parent.startswith("source.")
            }
            assert len(sources - {"standardised"}) <= 1, name


def test_models_are_named_by_their_kind(models: Models) -> None:
    assert [name for name in models if not NAME.fullmatch(name)] == []


def test_every_model_has_exactly_one_block_tag_and_an_owner(models: Models) -> None:
    for name, node in models.items():
        assert len(set(node["tags"]) & set(BLOCKS)) == 1, name
        assert node["config"]["meta"]["owner"] == "data-platform", name


def test_no_model_is_built_before_what_it_reads(manifest: Node, models: Models) -> None:
    early = [
        (name, parent["name"])
        for name, node in models.items()
        for parent in parents(manifest, node)
        if block(parent) > block(node)
    ]
    assert early == []


def test_a_singular_test_belongs_to_the_last_block_that_it_reads(manifest: Node) -> None:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and "test_metadata" not in node:
            assert block(node) == max(block(parent) for parent in parents(manifest, node)), node["name"]


def test_public_means_serving_and_implies_a_contract(models: Models) -> None:
    public = {name for name, node in models.items() if node["access"] == "public"}
    assert public == {name for name, node in models.items() if node["fqn"][1] == "serving"}
    kept = {name for name, node in models.items() if node["contract"]["enforced"]}
    assert kept == public | {name for name in models if name.startswith(("dim_", "fct_"))}


def test_the_grain_is_stated_in_the_first_line_and_in_the_description(models: Models) -> None:
    for name, node in models.items():
        first_line = node["raw_code"].splitlines()[0]
        assert first_line.startswith("-- One row per "), name
        assert first_line.endswith("."), name
        assert node["description"].startswith("One row per "), name


def test_every_source_table_and_seed_states_its_grain(manifest: Node) -> None:
    tables = [*manifest["sources"].values(), *(n for n in manifest["nodes"].values() if n["resource_type"] == "seed")]
    assert [table["name"] for table in tables if not table["description"].startswith("One row per ")] == []


def test_every_model_and_seed_has_a_key_that_is_tested(manifest: Node) -> None:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node.get("test_metadata", {}).get("name") in {"is_key", "unique_together"}
    }
    kinds = {"model", "seed"}
    untested = [
        node["name"]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in kinds and name not in tested
    ]
    assert untested == []


def test_every_column_is_described_with_its_class_of_personal_data(models: Models) -> None:
    for name, node in models.items():
        for column in node["columns"].values():
            assert column["description"], (name, column["name"])
            assert column["config"]["meta"]["pii"] in {"none", "indirect", "direct"}, (name, column["name"])


def test_documented_columns_are_the_columns_that_dbt_builds(models: Models, empty_warehouse: Path) -> None:
    with duckdb.connect(empty_warehouse, read_only=True) as connection:
        built = dict(
            connection.execute(
                "select schema_name || '.' || table_name, list(column_name order by column_index) "
                "from duckdb_columns() group by all"
            ).fetchall()
        )
    for name, node in models.items():
        assert list(node["columns"]) == built[f"{node['schema']}.{name}"], name


def test_direct_identifiers_live_in_the_vault_alone(models: Models) -> None:
    direct = {
        name
        for name, node in models.items()
        if any(column["config"]["meta"]["pii"] == "direct" for column in node["columns"].values())
    }
    assert direct == {name for name, node in models.items() if "pii" in node["tags"]}
    assert direct == {name for name, node in models.items() if node["schema"] == "vault"}


def test_descriptions_are_kept_in_the_warehouse(models: Models) -> None:
    kept = {"relation": True, "columns": True}
    assert [name for name, node in models.items() if node["config"]["persist_docs"] != kept] == []


def test_sources_are_documented_column_by_column_as_the_lake_holds_them(manifest: Node) -> None:
    documented = {(node["schema"], node["name"]): list(node["columns"]) for node in manifest["sources"].values()}
    in_lake = {
        ("lake_" + "_".join(table.split("/")[:-1]), table.split("/")[-1]): schema.names
        for table, schema in lake_schemas().items()
    }
    known = {table: columns for table, columns in in_lake.items() if table in documented}
    of_the_warehouse = {table for table in documented if table[0] == "build_state"}
    assert {table: sorted(columns) for table, columns in documented.items() if table not in of_the_warehouse} == {
        table: sorted(columns) for table, columns in known.items()
    }


def test_every_source_leads_to_the_asset_that_makes_it(manifest: Node) -> None:
    for node in manifest["sources"].values():
        assert node["config"]["meta"]["dagster"]["asset_key"], node["name"]


@pytest.mark.parametrize("folder", ["models", "tests", "macros"])
def test_nothing_reads_the_clock(folder: str) -> None:
    assert [path.name for path in sql_files(folder) if CLOCK_WORDS.search(without_comments(path.read_text()))] == []


def test_only_the_engine_macros_know_the_engine() -> None:
    engine = {path.name for path in sql_files("macros/engine")}
    elsewhere = [
        path.name
        for path in [*sql_files("models"), *sql_files("tests"), *sql_files("macros")]
        if path.name not in engine and ENGINE_WORDS.search(plain_sql(path.read_text()))
    ]
    assert elsewhere == []


def test_one_macro_is_one_file_of_its_name() -> None:
    for path in sql_files("macros"):
        names = re.findall(r"\{%-?\s*macro\s+(\w+)", path.read_text())
        variants = {path.stem, f"default__{path.stem}", f"spark__{path.stem}"}
        assert path.stem in names, path.name
        assert set(names) <= variants, path.name


def test_models_are_short_and_join_few_tables() -> None:
    for path in sql_files("models"):
        text = without_comments(path.read_text())
        assert len(path.read_text().splitlines()) <= 120, path.name
        assert len(re.findall(r"\bjoin\b", text)) <= 7, path.name


def test_every_window_has_an_order(models: Models) -> None:
    for name, node in models.items():
        for window in re.findall(r"\bover\s*\((.*?)\)", without_comments(node["raw_code"]), flags=re.DOTALL):
            assert "order by" in window, (name, window)
