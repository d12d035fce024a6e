"""Columns are traced through SQL as DuckDB means it; what cannot be read is named, and what was read is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.warehouse.column_lineage import ColumnLineage, kept_lineage, lineage_of

RAW, ORDERS, MART = "source.g.shop.orders", "model.g.fct_orders", "model.g.mart"


def node(unique_id: str, *columns: str, schema: str = "shop") -> dict[str, Any]:
    kind, *_, name = unique_id.split(".")
    return {
        "unique_id": unique_id,
        "resource_type": kind,
        "package_name": "g",
        "original_file_path": f"models/{name}.sql",
        "database": "warehouse",
        "schema": schema,
        "identifier": name,
        "columns": {column: {"name": column} for column in columns},
    }


MANIFEST = {
    "nodes": {
        ORDERS: node(ORDERS, "order_id", "amount", "is_sale", schema="customer"),
        MART: node(MART, "amount", "orders_count", schema="serving"),
        "seed.g.grid": node("seed.g.grid", "cell", schema="reference"),
        "test.g.unique": {"unique_id": "test.g.unique", "resource_type": "test"},
    },
    "sources": {RAW: node(RAW, "order_id", "payload")},
}
ORDERS_SQL = """
with landed as (select * from "warehouse"."shop"."orders"),
parsed as (
    select order_id, cast(payload->>'amount' as decimal(18, 2)) as amount, payload->>'kind' = 'sale' as is_sale
    from landed
)
select * from parsed
qualify row_number() over (partition by order_id order by amount) = 1
"""
MART_SQL = """
select sum(amount) filter (where is_sale) as amount, count(*) as orders_count
from "warehouse"."customer"."fct_orders" where order_id is not null
"""


def test_a_column_is_traced_through_stars_and_expressions_to_the_tables_that_are_read() -> None:
    found = lineage_of(MANIFEST, {ORDERS: ORDERS_SQL, MART: MART_SQL})
    assert found.unreadable == ()
    assert found.sources[ORDERS] == {
        "order_id": ((RAW, "order_id"),),
        "amount": ((RAW, "payload"),),
        "is_sale": ((RAW, "payload"),),
    }
    assert found.sources[MART] == {"amount": ((ORDERS, "amount"), (ORDERS, "is_sale")), "orders_count": ()}


def test_origins_go_through_all_models() -> None:
    found = lineage_of(MANIFEST, {ORDERS: ORDERS_SQL, MART: MART_SQL})
    assert found.origins((MART, "amount")) == {(ORDERS, "amount"), (ORDERS, "is_sale"), (RAW, "payload")}
    assert found.origins((MART, "orders_count")) == frozenset()


def test_origins_end_where_models_read_each_other_in_a_circle() -> None:
    one, other = ("model.a", "x"), ("model.b", "x")
    found = ColumnLineage({"model.a": {"x": (other,)}, "model.b": {"x": (one,)}})
    assert found.origins(one) == {one, other}


def test_a_table_in_two_schemas_is_told_apart() -> None:
    twin = node("source.g.crm.orders", "order_id", schema="crm")
    manifest = {**MANIFEST, "sources": {**MANIFEST["sources"], "source.g.crm.orders": twin}}
    found = lineage_of(manifest, {MART: 'select order_id from "warehouse"."crm"."orders"'})
    assert found.sources[MART] == {"order_id": (("source.g.crm.orders", "order_id"),)}


@pytest.mark.parametrize(
    "sql", ["select ((", "select unknown from warehouse.shop.orders", "create table t (a int)", ""]
)
def test_a_model_that_cannot_be_read_is_named_and_does_not_stop_the_others(sql: str) -> None:
    found = lineage_of(MANIFEST, {ORDERS: sql, MART: MART_SQL})
    assert found.unreadable == (ORDERS,)
    assert list(found.sources) == [MART]


def compile_to(target: Path, **sql: str) -> None:
    folder = target / "compiled" / "g" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sql.items():
        (folder / f"{name}.sql").write_text(text)


def test_what_was_read_is_kept_for_the_version_and_new_models_join_it(tmp_path: Path) -> None:
    compile_to(tmp_path, fct_orders=ORDERS_SQL)
    first = kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS, "seed.g.grid"])
    assert list(first.sources) == [ORDERS]
    compile_to(tmp_path, fct_orders="select ((", mart=MART_SQL)
    assert kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS]) == first
    both = kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS, MART])
    assert both == lineage_of(MANIFEST, {ORDERS: ORDERS_SQL, MART: MART_SQL})
    assert kept_lineage(MANIFEST, tmp_path, version="v2", models=[ORDERS]).unreadable == (ORDERS,)


def test_a_model_that_cannot_be_read_is_remembered_as_such(tmp_path: Path) -> None:
    compile_to(tmp_path, fct_orders="select ((")
    for _ in range(2):
        assert kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS]).unreadable == (ORDERS,)


def test_a_model_without_compiled_sql_has_no_lineage(tmp_path: Path) -> None:
    assert kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS]) == ColumnLineage({})


@pytest.mark.parametrize("kept", [b"", b"{", b"\xff", json.dumps({ORDERS: 3}).encode()])
def test_a_damaged_file_of_what_was_read_is_made_anew(tmp_path: Path, kept: bytes) -> None:
    compile_to(tmp_path, fct_orders=ORDERS_SQL)
    expected = kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS])
    [path] = tmp_path.glob("column_lineage-*.json")
    whole = path.read_bytes()
    path.write_bytes(kept)
    assert kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS]) == expected
    assert path.read_bytes() == whole


def test_a_file_that_cannot_be_written_only_means_reading_again(tmp_path: Path) -> None:
    compile_to(tmp_path, fct_orders=ORDERS_SQL)
    (tmp_path / "column_lineage-v1.json").mkdir()
    assert list(kept_lineage(MANIFEST, tmp_path, version="v1", models=[ORDERS]).sources) == [ORDERS]
