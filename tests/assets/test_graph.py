"""The graph that a newcomer sees: every asset described, owned and connected, every gate a boundary."""

import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from orchestration.definitions import build_definitions
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT, Settings, child_environment
from orchestration.warehouse.dbt_project import DbtProjectFiles, load_manifest
from tests.assets.boundaries import Boundaries
from tests.support.nights import settings_of

# The night as people tell it: each gate, and the steps between it and the next.
STEPS_AFTER_GATE = {
    "raw": {"standardise_values", "profile_feeds", "warehouse__pinned_inputs", "dbt_block_staging"},
    "staging": {"identify_customers", "measure_agreement", "dbt_block_customer"},
    "customer": {"dbt_block_insight"},
    "features": {"insight__purchase_model", "insight__purchase_scores"},
    "scores": {"dbt_block_serving", "publish__serving_candidate"},
    "serving": {"publish__serving_database", "privacy__removals"},
}
FIRST_STEP = "land_inbox"
WARN_ONLY = {"feed_is_fresh"}  # a late feed makes a smaller honest night


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_of(tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


@pytest.fixture(scope="module")
def manifest(settings: Settings) -> Mapping[str, Any]:
    return load_manifest(DbtProjectFiles.of(settings, load_policies(settings.policies_dir).money))


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.resolve_asset_graph()


@pytest.fixture(scope="module")
def boundaries(definitions: dg.Definitions) -> Boundaries:
    return Boundaries.of(definitions)


def test_every_asset_says_its_grain_in_one_sentence_and_has_an_owner_kinds_and_its_stage(graph: AssetGraph) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        name = key.to_user_string()
        assert node.description, name
        assert node.description.startswith("One row per "), name
        assert node.description.rstrip(".").count(". ") == 0, f"{name}: {node.description}"
        assert "\n" not in node.description, name
        assert node.owners, name
        assert node.kinds, name
        assert node.group_name == key.path[0], name


def test_only_the_declared_feeds_are_not_made_by_anything(settings: Settings, graph: AssetGraph) -> None:
    delivered = {key.to_user_string() for key in graph.get_all_asset_keys() if not graph.get(key).is_executable}
    declared = load_contracts(settings.contracts_dir).feeds()
    assert delivered == {f"inbox/{feed.source}/{feed.name}" for feed in declared}
    assert {"inbox/loyalty/members", "inbox/web/events", "inbox/shop/orders"} <= delivered


def test_every_feed_reaches_its_staging_models(settings: Settings, graph: AssetGraph) -> None:
    for feed in load_contracts(settings.contracts_dir).feeds():
        raw = graph.get(dg.AssetKey(["raw", feed.source, feed.name]))
        typed = dg.AssetKey(["staging", f"stg_{feed.source}__{feed.name}_typed"])
        judged = dg.AssetKey(["staging", f"stg_{feed.source}__{feed.name}_judged"])
        assert typed in raw.child_keys, feed.table
        assert judged in graph.get(typed).child_keys, feed.table
        assert dg.AssetKey(["staging", "int_rows_judged"]) in graph.get(judged).child_keys, feed.table


def test_the_graph_is_one_piece(graph: AssetGraph) -> None:
    keys = set(graph.get_all_asset_keys())
    reached, waiting = set(), {next(iter(keys))}
    while waiting:
        key = waiting.pop()
        reached.add(key)
        waiting |= (graph.get(key).parent_keys | graph.get(key).child_keys) - reached
    assert reached == keys


def test_every_dbt_source_that_a_model_reads_is_an_asset_that_something_makes(
    manifest: Mapping[str, Any], graph: AssetGraph
) -> None:
    read = {name: source for name, source in manifest["sources"].items() if manifest["child_map"][name]}
    assert len(read) >= 8
    for unique_id, source in read.items():
        key = dg.AssetKey(source["meta"]["dagster"]["asset_key"])
        assert graph.has(key), unique_id
        assert graph.get(key).is_materializable, unique_id


def test_no_dbt_source_is_declared_in_vain(manifest: Mapping[str, Any]) -> None:
    assert [name for name in manifest["sources"] if not manifest["child_map"][name]] == []


def test_six_gates_block_and_every_step_stands_behind_the_gate_before_it(
    graph: AssetGraph, boundaries: Boundaries
) -> None:
    assert list(boundaries.gates) == list(STEPS_AFTER_GATE)
    steps = set().union(*STEPS_AFTER_GATE.values())
    assert set(boundaries.step_of.values()) == {FIRST_STEP} | steps
    for gate, own in STEPS_AFTER_GATE.items():
        checked = boundaries.gates[gate]
        guarded = {boundaries.step_of[child] for key in checked for child in graph.get(key).child_keys} - {
            boundaries.step_of[key] for key in checked
        }
        while True:
            next_steps = guarded | {step for each in guarded & own for step in boundaries.steps_after[each]}
            if next_steps == guarded:
                break
            guarded = next_steps
        assert own <= guarded, f"{sorted(own - guarded)} do not wait for the {gate} gate"


def test_every_gate_checks_what_was_made_since_the_gate_before_it(boundaries: Boundaries) -> None:
    made = [{FIRST_STEP}, *STEPS_AFTER_GATE.values()]
    for steps, (gate, checked) in zip(made, boundaries.gates.items(), strict=False):
        assert {boundaries.step_of[key] for key in checked} <= steps, gate


def test_what_is_published_needs_every_gate(boundaries: Boundaries) -> None:
    database = dg.AssetKey(["publish", "serving_database"])
    behind = [boundaries.assets_behind(gate) for gate in STEPS_AFTER_GATE]
    assert all(database in assets for assets in behind)
    assert all(later < earlier for earlier, later in pairwise(behind))


def test_every_check_of_a_gate_blocks_but_those_that_only_warn(
    definitions: dg.Definitions, boundaries: Boundaries
) -> None:
    checks = [check for gate in definitions.asset_checks or () for check in gate.check_specs]
    assert {check.name for check in checks if not check.blocking} <= WARN_ONLY
    assert {check.asset_key for check in checks if check.blocking} >= {
        key for checked in boundaries.gates.values() for key in checked
    }


def test_the_nightly_job_makes_every_asset_and_asks_every_check(definitions: dg.Definitions, graph: AssetGraph) -> None:
    job = definitions.resolve_job_def("nightly").asset_layer
    assert set(job.executable_asset_keys) == set(graph.executable_asset_keys)
    assert set(job.asset_graph.asset_check_keys) == set(graph.asset_check_keys)


def test_the_landing_job_lands_and_asks_the_raw_gate_only(definitions: dg.Definitions, boundaries: Boundaries) -> None:
    job = definitions.resolve_job_def("landing")
    assert {node.name for node in job.nodes} == {FIRST_STEP, "gate_raw"}
    assert set(job.asset_layer.executable_asset_keys) == set(boundaries.gates["raw"])


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
def test_the_schedule_is_two_at_night_in_the_zone_of_the_settings(settings: Settings, zone: str) -> None:
    definitions = build_definitions(settings.model_copy(update={"timezone": zone}))
    [nightly] = definitions.schedules or ()
    schedule = definitions.resolve_schedule_def(nightly.name)
    assert (schedule.job_name, schedule.cron_schedule, schedule.execution_timezone) == ("nightly", "0 2 * * *", zone)
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_dagster_finds_the_installation_by_the_workspace_file(tmp_path: Path) -> None:
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"],
        cwd=PROJECT_ROOT,
        env=child_environment({"GENOME_LAKE": str(tmp_path), "DAGSTER_HOME": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_loading_the_definitions_leaves_the_heavy_libraries_and_the_surroundings_alone(tmp_path: Path) -> None:
    script = tmp_path / "watch.py"
    script.write_text(_WATCH)
    ended = subprocess.run(
        [sys.executable, "-B", str(script), str(PROJECT_ROOT), str(tmp_path / "lake")],
        cwd=PROJECT_ROOT,
        env=child_environment({"PYTHONPATH": str(PROJECT_ROOT), "GENOME_TIMEZONE": "not/a_zone"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1] == "imported: [] touched: [] built: []"


_WATCH = '''
"""Imports the definitions under watch: which heavy modules come along, which files of the project are touched."""
import os
import sys
from pathlib import Path

import orchestration.foundation.settings as settings

project, lake = Path(sys.argv[1]), Path(sys.argv[2])
heavy = ("sklearn", "great_expectations", "duckdb_engine")
touched = []
watching = True


def hear(event, arguments):
    if not watching or event not in ("open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove"):
        return
    name = arguments[0]
    if not isinstance(name, (str, bytes, os.PathLike)):
        return
    path = Path(os.fsdecode(name)).absolute()
    is_code = path.suffix in (".py", ".pyc") or "orchestration" in path.parts or path == project
    is_environment = path.is_relative_to(sys.prefix)  # which may lie inside the project
    if path.is_relative_to(project) and not is_code and not is_environment:
        touched.append(f"{event} {path}")


class Unread:
    def __getattr__(self, name):
        raise AssertionError(f"os.{name} was used while the definitions were imported")


sys.addaudithook(hear)
real, settings.os = settings.os, Unread()
import orchestration.definitions as definitions

settings.os = real
watching = False
imported = [name for name in heavy if name in sys.modules]
definitions.build_definitions(settings.load_settings({"GENOME_LAKE": str(lake)}))
built = [name for name in heavy if name in sys.modules]
print(f"imported: {imported} touched: {sorted(set(touched))} built: {built}")
'''
