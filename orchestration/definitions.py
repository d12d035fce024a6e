"""The only assembly point: settings, contracts and policies in, Dagster's definitions out."""

import dagster as dg

from orchestration import automation
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import Settings, load_settings
from orchestration.identity.assets import build_identity_assets
from orchestration.ingest.assets import build_ingest_assets
from orchestration.insight.assets import build_insight_assets
from orchestration.privacy.assets import build_privacy_assets
from orchestration.profiles.assets import build_profiles_assets
from orchestration.publish.assets import build_publish_assets
from orchestration.quality.assets import build_gates
from orchestration.resources import LakeResource, NightResource, WarehouseResource
from orchestration.standardise.assets import build_standardise_assets
from orchestration.warehouse import registrar
from orchestration.warehouse.assets import build_warehouse_assets
from orchestration.warehouse.dbt_models import DbtResource, build_dbt_assets
from orchestration.warehouse.dbt_project import DbtProjectFiles, load_manifest


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the installation that the environment states."""
    return build_definitions(load_settings())


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return all assets, gates, jobs and resources of one installation.

    Args:
        settings: places and limits; nothing else is read from the environment.

    Raises:
        ConfigurationFaulty: a contract or policy is wrong, with all faults at once.
        DbtProjectUnparsable: dbt refuses its project.
    """
    contracts = load_contracts(settings.contracts_dir)
    policies = load_policies(settings.policies_dir)
    files = DbtProjectFiles.of(settings, policies)
    dbt_models = build_dbt_assets(files, load_manifest(files))
    marts = [key for block in dbt_models for key in block.keys if key.path[0] == "serving"]
    return dg.Definitions(
        assets=[
            *build_ingest_assets(contracts),
            *build_standardise_assets(contracts),
            *build_profiles_assets(contracts, policies.quality.profiles),
            *build_warehouse_assets(registrar.input_tables(contracts)),
            *dbt_models,
            *build_identity_assets(policies),
            *build_insight_assets(policies.models),
            *build_publish_assets(
                policies.publishing,
                serving_dir=settings.serving_dir,
                marts=marts,
                last_night=automation.of_last_night(settings),
            ),
            *build_privacy_assets(
                policies.operations.retention,
                contracts,
                dbt_target_dir=settings.dbt_target_dir,
                dagster_home=settings.dagster_home,
            ),
        ],
        asset_checks=build_gates(contracts, policies.quality, serving_dir=settings.serving_dir),
        jobs=[automation.nightly_job(), automation.landing_job(), automation.tidy_job()],
        schedules=[automation.nightly_schedule(settings, policies.operations)],
        sensors=[
            automation.inbox_sensor(settings),
            automation.watch_sensor(settings),
            automation.failure_sensor(settings, policies.operations),
        ],
        resources=_resources(settings, files),
        executor=dg.in_process_executor,
    )


def _resources(settings: Settings, files: DbtProjectFiles) -> dict[str, object]:
    return {
        "lake": LakeResource(root=str(settings.lake_root)),
        "warehouse": WarehouseResource(
            path=str(settings.warehouse_path),
            memory_limit=settings.duckdb_memory_limit,
            threads=settings.duckdb_threads,
        ),
        "dbt": DbtResource.of(files),
        "night": NightResource.configure_at_launch(timezone=settings.timezone, lock_path=str(settings.night_lock_path)),
    }
