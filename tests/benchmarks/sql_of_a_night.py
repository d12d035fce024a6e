"""The SQL of a night as dbt ran it, in dbt's order, ready to run without dbt.

It is taken from `<target>/run` after the first night of a new lake, where incremental models are built in full; it
names the database `warehouse` and no path, so it runs in any warehouse with the same source views.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

_TEMPORARY = "__dbt_tmp"
_BLOCKS = ["block_staging", "block_customer", "block_insight", "block_serving"]


@dataclass(frozen=True)
class Step:
    """One node: its block, its statements, and whether its first cell has to be zero."""

    name: str
    block: str
    schema: str
    statements: tuple[str, ...]
    is_test: bool


@dataclass(frozen=True)
class NightSql:
    """All steps of a night, in an order in which each comes after what it reads."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, target: Path, project: Path) -> "NightSql":
        """Return what a dbt target folder holds.

        Args:
            target: dbt's target folder after a whole night.
            project: the dbt project, for its seeds.
        """
        manifest = json.loads((target / "manifest.json").read_bytes())
        return cls(tuple(_steps(manifest, target, project)))

    @classmethod
    def read(cls, path: Path) -> "NightSql":
        """Return what `write` wrote."""
        plain = json.loads(path.read_bytes())
        return cls(tuple(Step(**{**step, "statements": tuple(step["statements"])}) for step in plain))

    def write(self, path: Path) -> None:
        """Write the steps as JSON, for the process that runs them."""
        path.write_text(json.dumps([vars(step) for step in self.steps]), encoding="utf-8")

    def statements(self, models: Sequence[str]) -> list[str]:
        """Return the statements of some models."""
        return [statement for step in self.steps if step.name in models for statement in step.statements]


def _steps(manifest: Mapping[str, Any], target: Path, project: Path) -> Iterator[Step]:
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed", "test")}
    above = {key: [one for one in node["depends_on"].get("nodes", []) if one in nodes] for key, node in nodes.items()}
    order = list(TopologicalSorter(above).static_order())
    for block in _BLOCKS:
        for key in order:
            node = nodes[key]
            is_test = node["resource_type"] == "test"
            reads = [_BLOCKS.index(_block(nodes[one])) for one in above[key]]
            # A test of several blocks runs in the last of them, when all it reads has been built.
            at = _BLOCKS[max([*reads, _BLOCKS.index(_block(node))] if is_test else [_BLOCKS.index(_block(node))])]
            if at == block:
                yield Step(node["name"], block, node["schema"], tuple(_statements(node, target, project)), is_test)


def _block(node: Mapping[str, Any]) -> str:
    return next((block for block in reversed(_BLOCKS) if block in node["tags"]), _BLOCKS[0])


def _statements(node: Mapping[str, Any], target: Path, project: Path) -> Iterator[str]:
    run = target / "run" / node["package_name"] / node["original_file_path"]
    if node["resource_type"] == "test" and run.suffix != ".sql":
        run /= node["path"]
    if not run.exists():
        return
    text = run.read_text(encoding="utf-8").strip()
    relation = node.get("relation_name") or ""
    if node["resource_type"] == "seed":
        yield f"drop table if exists {relation} cascade"
        yield next(line for line in text.split(";") if "create table" in line)
        yield f"insert into {relation} select * from read_csv('{project / node['original_file_path']}', header = true)"
        return
    if node["resource_type"] == "model":
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        yield f"drop {kind} if exists {relation} cascade"
        text = text.replace(f"{node['alias']}{_TEMPORARY}", node["alias"])
    yield text
