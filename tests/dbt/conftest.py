"""Warehouses that dbt builds once a session; tests only read them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.small_company import small_company
from tests.support.warehouses import BLOCKS, Dbt, SmallLake

Manifest = Mapping[str, Any]


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The project's dbt, with one target folder for the session."""
    return Dbt(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def built_empty(dbt: Dbt) -> tuple[Path, Manifest]:
    """All blocks over a lake in which nothing has ever landed, and what dbt wrote of them; it writes it every time."""
    SmallLake().write(dbt.warehouse)
    dbt.build(*BLOCKS)
    return dbt.keep("empty"), json.loads(dbt.manifest.read_text())


@pytest.fixture(scope="session")
def empty_warehouse(built_empty: tuple[Path, Manifest]) -> Path:
    """All blocks over a lake in which nothing has ever landed."""
    return built_empty[0]


@pytest.fixture(scope="session")
def warehouse(dbt: Dbt, empty_warehouse: Path) -> Path:  # noqa: ARG001 - the two share a path, one after the other
    """All blocks over the small company, with scores for those who bought."""
    small_company().write(dbt.warehouse)
    dbt.build(*BLOCKS)
    return dbt.keep("filled")


@pytest.fixture(scope="session")
def manifest(built_empty: tuple[Path, Manifest]) -> Manifest:
    """What dbt knows of the project, with the SQL that it compiled."""
    return built_empty[1]


@pytest.fixture(scope="session")
def models(manifest: Manifest) -> dict[str, Manifest]:
    """The project's models, by name."""
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
