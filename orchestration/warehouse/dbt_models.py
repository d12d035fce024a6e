"""The dbt blocks as Dagster assets: one `dbt build` between two gates, with row counts and safe previews.

A gate is a boundary between blocks: one `dbt build` across a gate would build what lies behind it before the gate's
check has run. Which models a block holds is said by its tag in the dbt project.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from dbt.version import get_installed_version
from packaging.version import Version
from pydantic import PrivateAttr

from orchestration.foundation.previews import preview
from orchestration.resources import LakeResource, NightResource, WarehouseResource
from orchestration.warehouse import build_state, registrar
from orchestration.warehouse.dbt_project import DbtChild, DbtCommand, DbtProjectFiles, fingerprint

BLOCKS = ("block_staging", "block_customer", "block_insight", "block_serving")
PINNED_INPUTS = dg.AssetKey(["warehouse", "pinned_inputs"])
_OWNER = "team:data-platform"

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
        """Return the model's description as dbt documents it."""
        return str(dbt_resource_props["description"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Return the team that keeps the models."""
        del dbt_resource_props
        return [_OWNER]

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:  # noqa: ANN401
        """Return the spec; a model that reads a source also waits for the night's pin."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        parents = manifest["parent_map"].get(unique_id, [])
        if any(parent.startswith("source.") for parent in parents):
            spec = spec.replace_attributes(deps=[*spec.deps, dg.AssetDep(PINNED_INPUTS)])
        return spec


def build_dbt_assets(files: DbtProjectFiles, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return one assets definition a block, in the order in which a night builds them."""
    translator = GenomeTranslator()
    return [_block(block, files, manifest, translator) for block in BLOCKS]


def _block(
    block: str, files: DbtProjectFiles, manifest: Mapping[str, Any], translator: GenomeTranslator
) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        select=f"tag:{block}",
        exclude="resource_type:unit_test",
        name=f"dbt_{block}",
        dagster_dbt_translator=translator,
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
        arguments = build_state.build_arguments(
            files.warehouse, version=version, selection=_selection(context, block), limits=warehouse.limits
        )
        command = dbt.child(as_of_on=night.day, inherited=[night.lock]).run(arguments)
        invocation = _invocation(command, files, context=context, manifest=manifest)
        yield from _with_previews(invocation, manifest, warehouse)
        build_state.record_version(files.warehouse, block=block, version=version, limits=warehouse.limits)

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
        dagster_dbt_translator=GenomeTranslator(),
        project_dir=files.project_dir,
        target_path=files.target_dir,
        raise_on_error=True,
        cli_version=Version(get_installed_version().to_version_string(skip_matcher=True)),
        context=context,
    )


def _with_previews(
    invocation: DbtCliInvocation, manifest: Mapping[str, Any], warehouse: WarehouseResource
) -> Iterator[_Event]:
    events: list[Any] = []
    failure: DagsterDbtCliRuntimeError | None = None
    try:
        events.extend(invocation.stream())
    except DagsterDbtCliRuntimeError as error:
        failure = error
    with warehouse.read() as connection:
        for event in events:
            node = manifest["nodes"].get(event.metadata.get("unique_id", dg.TextMetadataValue("")).value)
            if isinstance(event, dg.Output) and node is not None:
                shown = preview(connection, node["schema"], node["alias"], hidden=_hidden(node))
                facts: dict[str, Any] = {
                    "dagster/row_count": shown.rows,
                    "preview": dg.MetadataValue.md(shown.markdown),
                }
                yield event.with_metadata({**event.metadata, **facts})
            else:
                yield event
    if failure is not None:
        raise failure


def _hidden(node: Mapping[str, Any]) -> list[str]:
    if "pii" in node["tags"]:
        return ["*"]
    columns = node["columns"].items()
    return [name for name, column in columns if column.get("meta", {}).get("pii", "none") != "none"]
