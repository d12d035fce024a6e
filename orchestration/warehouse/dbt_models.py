"""The dbt blocks as Dagster assets: one `dbt build` between two gates, with row counts and safe previews.

A gate is a boundary between blocks: one `dbt build` across a gate would build what lies behind it before the gate's
check has run. Which models a block holds is said by its tag in the dbt project.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from dbt.version import get_installed_version
from packaging.version import Version
from pydantic import PrivateAttr

from orchestration.foundation.faults import fault_point
from orchestration.foundation.previews import preview
from orchestration.resources import LakeResource, NightResource, WarehouseResource
from orchestration.warehouse import build_state, registrar
from orchestration.warehouse.column_lineage import Column, Sources, kept_lineage
from orchestration.warehouse.dbt_project import DbtChild, DbtCommand, DbtProjectFiles, fingerprint
from orchestration.warehouse.dbt_sentences import sentence_of

PINNED_INPUTS = dg.AssetKey(["warehouse", "pinned_inputs"])
_OWNER = "team:data-platform"
_COLUMNS = "dagster/column_schema"
_UNTOLD = ("unique_id", "invocation_id", "status")
"""What dbt's events say for machines only."""

_Event: TypeAlias = dg.Output[Any] | dg.AssetCheckResult | dg.AssetObservation


class DbtResource(dg.ConfigurableResource[None]):
    """The dbt child of a run, started with its first block and ended with the run."""

    project_dir: str
    target_dir: str
    warehouse: str
    memory_limit: str
    threads: int
    timezone: str
    reporting_currency_code: str
    survivorship: str

    @classmethod
    def of(cls, files: DbtProjectFiles) -> "DbtResource":
        """Return the resource of one dbt project."""
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in vars(files).items()}
        return cls.model_validate(plain)

    _children: list[DbtChild] = PrivateAttr(default_factory=list)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["DbtResource"]:  # type: ignore[override] # it yields itself
        """End the child with the run."""
        del context
        try:
            yield self
        finally:
            for child in self._children:
                child.end()

    def child(self, *, as_of_on: date, inherited: Sequence[int]) -> DbtChild:
        """Return the run's dbt child, started if this is the first block."""
        if not self._children:
            files = DbtProjectFiles(
                project_dir=Path(self.project_dir),
                target_dir=Path(self.target_dir),
                warehouse=Path(self.warehouse),
                memory_limit=self.memory_limit,
                threads=self.threads,
                timezone=self.timezone,
                reporting_currency_code=self.reporting_currency_code,
                survivorship=self.survivorship,
            )
            self._children.append(DbtChild.start(files, as_of_on=as_of_on, inherited=inherited))
        return self._children[0]


class GenomeTranslator(DagsterDbtTranslator):
    """Names a dbt model `[stage, model]`, groups it by stage, and describes it by its first sentence."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the key that a source's meta states, or the stage and name of a model or seed."""
        stated = dbt_resource_props.get("meta", {}).get("dagster", {}).get("asset_key")
        return dg.AssetKey(stated or [self.get_group_name(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the stage: the first folder of the model, `reference` for seeds."""
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        if dbt_resource_props["resource_type"] == "source":
            return self.get_asset_key(dbt_resource_props).path[0]
        return str(dbt_resource_props["fqn"][1])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the first sentence of the description that dbt documents: the grain."""
        grain, *_ = str(dbt_resource_props["description"]).split(". ")
        return f"{grain.rstrip('.')}."

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return dbt's metadata without the columns: the page would show these instead of what was built."""
        found = super().get_metadata(dbt_resource_props)
        return {name: value for name, value in found.items() if name != _COLUMNS}

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Return the team that keeps the models."""
        del dbt_resource_props
        return [_OWNER]

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:  # noqa: ANN401
        """Return the spec; a model that reads a source also waits for the night's pin."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        parents = manifest["parent_map"].get(unique_id, [])
        if any(parent.startswith("source.") for parent in parents):
            others = [dep for dep in spec.deps if dep.asset_key != PINNED_INPUTS]
            spec = spec.replace_attributes(deps=[*others, dg.AssetDep(PINNED_INPUTS)])
        return spec

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: Any,  # noqa: ANN401
    ) -> dg.AssetCheckSpec | None:
        """Return the spec of a data test, with what holds when it passes as one sentence."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec._replace(description=sentence_of(manifest["nodes"][unique_id])) if spec else None


_TRANSLATOR = GenomeTranslator()


def build_dbt_assets(files: DbtProjectFiles, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return one assets definition a block, in the order in which a night builds them."""
    return [_block(block, files, manifest) for block in build_state.BLOCKS]


def _block(block: str, files: DbtProjectFiles, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        select=f"tag:{block}",
        exclude="resource_type:unit_test",
        name=f"dbt_{block}",
        dagster_dbt_translator=_TRANSLATOR,
    )
    def build_block(
        context: dg.AssetExecutionContext,
        lake: LakeResource,
        warehouse: WarehouseResource,
        dbt: DbtResource,
        night: NightResource,
    ) -> Iterator[_Event]:
        registrar.register_views(files.warehouse, lake.open(), registrar.output_tables(), limits=warehouse.limits)
        version = fingerprint(files.project_dir)
        rules = build_state.rules_version(
            version,
            files.timezone,
            files.reporting_currency_code,
            files.survivorship,
            *registrar.rules_read(lake.open()),
        )
        arguments = build_state.begin_block(
            files.warehouse, block=block, version=rules, selection=_selection(context, block), limits=warehouse.limits
        )
        command = dbt.child(as_of_on=night.day, inherited=[night.lock]).run(arguments)
        invocation = _invocation(command, files, context=context, manifest=manifest)
        yield from _with_facts(invocation, _Project(manifest, files.target_dir, version), warehouse, context.log)
        fault_point("dbt_block.before_version")
        if not context.is_subset:
            build_state.end_block(files.warehouse, block=block, version=rules, limits=warehouse.limits)
        fault_point("dbt_block.after_version")

    return build_block


def _selection(context: dg.AssetExecutionContext, block: str) -> list[str]:
    if context.is_subset:
        return sorted(key.path[-1] for key in context.selected_asset_keys)
    return [f"tag:{block}"]


def _invocation(
    command: DbtCommand, files: DbtProjectFiles, *, context: dg.AssetExecutionContext, manifest: Mapping[str, Any]
) -> DbtCliInvocation:
    return DbtCliInvocation(
        process=command,  # type: ignore[arg-type] # it reads a process's lines and exit code, no more
        manifest=manifest,
        dagster_dbt_translator=_TRANSLATOR,
        project_dir=files.project_dir,
        target_path=files.target_dir,
        raise_on_error=True,
        cli_version=Version(get_installed_version().to_version_string(skip_matcher=True)),
        context=context,
    )


@dataclass(frozen=True)
class _Project:
    """What is known of the built dbt project: its manifest, where dbt left what it compiled, and its version."""

    manifest: Mapping[str, Any]
    target_dir: Path
    version: str

    def node(self, event: _Event) -> Mapping[str, Any] | None:
        """Return the model or seed that an event tells of, or None."""
        stated = event.metadata.get("unique_id", dg.TextMetadataValue("")).value
        found: Mapping[str, Any] | None = self.manifest["nodes"].get(stated)
        return found if isinstance(event, dg.Output) else None

    def any_node(self, unique_id: str) -> Mapping[str, Any]:
        """Return a node or source."""
        found: Mapping[str, Any] = self.manifest["nodes"].get(unique_id) or self.manifest["sources"][unique_id]
        return found


def _with_facts(
    invocation: DbtCliInvocation, project: _Project, warehouse: WarehouseResource, log: dg.DagsterLogManager
) -> Iterator[_Event]:
    """Yield dbt's events, those of tables with row count, preview, columns and what the columns are made from."""
    events: list[Any] = []
    failure: DagsterDbtCliRuntimeError | None = None
    try:
        events.extend(invocation.stream())
    except DagsterDbtCliRuntimeError as error:
        failure = error
    built = {node["unique_id"]: node for event in events if (node := project.node(event)) is not None}
    found = kept_lineage(project.manifest, project.target_dir, version=project.version, models=list(built))
    if found.unreadable:
        named = ", ".join(unique_id.split(".")[-1] for unique_id in found.unreadable)
        log.warning("no column lineage for %s models whose SQL sqlglot cannot read: %s", len(found.unreadable), named)
    with warehouse.read() as connection:
        for event in events:
            node = project.node(event)
            if node is None:
                yield event
                continue
            shown = preview(connection, node["schema"], node["alias"], hidden=_hidden(node))
            sources = found.sources.get(node["unique_id"], {})
            facts: dict[str, Any] = {
                "dagster/row_count": shown.rows,
                "preview": dg.MetadataValue.md(shown.markdown),
                _COLUMNS: _schema(project, node, shown.types, sources),
                "dagster/column_lineage": _lineage(project, sources),
            }
            told = {name: value for name, value in event.metadata.items() if name not in _UNTOLD}
            yield event.with_metadata({**told, **facts})
    if failure is not None:
        raise failure


def _schema(
    project: _Project, node: Mapping[str, Any], types: Mapping[str, str], sources: Sources
) -> dg.TableSchemaMetadataValue:
    """Return the columns as built, each with its class of personal data and links to what it is made from."""
    columns = []
    for name, kind in types.items():
        documented = node["columns"].get(name, {})
        pii = documented.get("meta", {}).get("pii", "none")
        links = ", ".join(_link(project, source) for source in sources.get(name, ()))
        columns.append(
            dg.TableColumn(
                name,
                type=kind.lower(),
                description=documented.get("description", "") + (f" From {links}." if links else ""),
                tags={} if pii == "none" else {"pii": pii},
            )
        )
    return dg.MetadataValue.table_schema(dg.TableSchema(columns))


def _link(project: _Project, source: Column) -> str:
    node = project.any_node(source[0])
    return f"[{node['name']}.{source[1]}](/assets/{'/'.join(_TRANSLATOR.get_asset_key(node).path)})"


def _lineage(project: _Project, sources: Sources) -> dg.TableColumnLineageMetadataValue:
    """Return the lineage as Dagster's API tells it; its own page shows it in the hosted version only."""
    deps = {
        name: [
            dg.TableColumnDep(asset_key=_TRANSLATOR.get_asset_key(project.any_node(node)), column_name=column)
            for node, column in made_from
        ]
        for name, made_from in sources.items()
    }
    return dg.MetadataValue.column_lineage(dg.TableColumnLineage(deps))


def _hidden(node: Mapping[str, Any]) -> list[str]:
    if "pii" in node["tags"]:
        return ["*"]
    columns = node["columns"].items()
    return [name for name, column in columns if column.get("meta", {}).get("pii", "none") != "none"]
