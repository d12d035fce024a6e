"""A night that is killed anywhere is ended by one rerun: same tables, no manual step, within twice a normal night."""

import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestration.foundation.faults import fault_points
from tests.faults.conftest import Small
from tests.support.kill_points import ELSEWHERE, IN_FULL, kills
from tests.support.kills import Kill, Nights, differences, small_policies

RANDOM_KILLS = 60
CPU_NOISE_SECONDS = 2
MACHINE_NOISE_SECONDS = 20
SEED = 20_261_122

pytestmark = pytest.mark.faults


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_full = bool(metafunc.config.getoption("--all-faults"))
    if "kill" in metafunc.fixturenames:
        cases = kills(in_full=in_full)
        metafunc.parametrize(("night", "kill"), cases, ids=[f"{night}-{kill}" for night, kill in cases])
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(RANDOM_KILLS if in_full else 1))


@pytest.fixture
def in_full(request: pytest.FixtureRequest) -> bool:
    """Whether --all-faults asks for everything."""
    return bool(request.config.getoption("--all-faults"))


def test_every_fault_point_is_in_the_full_list() -> None:
    assert {point for _, point, _, _ in IN_FULL} | set(ELSEWHERE) == set(fault_points())
    assert len(IN_FULL) >= 60


def test_one_rerun_after_a_kill_at_a_point_ends_as_if_uninterrupted(  # noqa: PLR0913 - night, kill and fixtures
    night: str, kill: Kill, small_nights: dict[str, Small], nights: Nights, tmp_path: Path, *, in_full: bool
) -> None:
    # So that the second build already removes the first.
    keeps_one = {"GENOME_POLICIES": str(small_policies(tmp_path / "policies", builds_kept=1))}
    more = keeps_one if kill.point.startswith("keep_last") else {}
    _kill_and_resume(small_nights[night], kill, nights, root=tmp_path / "lake", more=more, in_full=in_full)


def test_one_rerun_after_a_kill_at_a_random_time_ends_as_if_uninterrupted(
    number: int, small_nights: dict[str, Small], nights: Nights, tmp_path: Path, *, in_full: bool
) -> None:
    drawn = random.Random(SEED + number)  # noqa: S311 - a seed, not a secret
    night = small_nights[drawn.choice(("first", "second"))]
    kill = Kill(drawn.choice(("group", "leader")), seconds=drawn.uniform(0.05, 0.95) * night.seconds)
    _kill_and_resume(night, kill, nights, root=tmp_path / "lake", more={}, in_full=in_full)


def _kill_and_resume(  # noqa: PLR0913 - a kill has this many circumstances
    night: Small, kill: Kill, nights: Nights, *, root: Path, more: Mapping[str, str], in_full: bool
) -> None:
    shutil.copytree(night.before, root)
    killed = nights.run(root, night.command, kill=kill, more=more)
    assert killed.is_killed or (kill.victim == "process" and killed.code == 1) or not kill.point, (
        f"{kill} was not reached: {killed.output}"
    )
    rerun = nights.run(root, night.command, more=more)
    assert rerun.code == 0, rerun.output
    assert differences(night.after, root) == {}
    assert rerun.cpu_seconds <= 2 * night.cpu_seconds + CPU_NOISE_SECONDS
    if in_full:
        # By the clock too, waits included: a run in full has the machine to itself.
        assert rerun.seconds <= 2 * night.seconds + MACHINE_NOISE_SECONDS
