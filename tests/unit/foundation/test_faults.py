"""Fault points end a process only where and when a test armed them, and their list is that of the source."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.faults import fault_point, fault_points
from orchestration.foundation.settings import PROJECT_ROOT, ArmedFault, armed_fault

SOURCE = PROJECT_ROOT / "orchestration"

PASSES_TWICE = """
import os
from orchestration.foundation.faults import fault_point
fault_point("night.after_pin")
fault_point("night.before_pin")
if os.fork() == 0:
    fault_point("night.after_pin")
    os._exit(0)
_, status = os.wait()
raise SystemExit(7 if os.waitstatus_to_exitcode(status) == -9 else 0)
"""


def _named_in_source() -> Iterator[str]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "fault_point":
                [name] = node.args
                assert isinstance(name, ast.Constant), f"{path}: the name of a fault point is written out"
                yield str(name.value)


def _ended(fault: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", PASSES_TWICE],
        env={"GENOME_FAULT": fault, "PYTHONPATH": str(PROJECT_ROOT)},
        start_new_session=True,
        check=False,
    ).returncode


def test_the_list_holds_exactly_the_points_of_the_source_and_each_is_in_one_place() -> None:
    named = Counter(_named_in_source())
    assert set(named) == set(fault_points())
    assert [name for name, places in named.items() if places > 1] == []


def test_every_point_says_what_has_happened_there() -> None:
    assert all(text for text in fault_points().values())


def test_a_point_that_is_not_armed_does_nothing() -> None:
    fault_point("night.after_pin")
    assert _ended("") == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("night.after_pin:1:process", -9),
        ("night.after_pin:2:process", 7),
        ("night.after_pin:2:group", -9),
        ("night.after_pin:2:leader", -9),
        ("night.after_pin:3:process", 0),
        ("night.after_close:1:process", 0),
    ],
)
def test_an_armed_point_ends_what_it_should_at_its_hit_counted_over_forks(fault: str, code: int) -> None:
    assert _ended(fault) == code


def test_only_a_whole_order_arms_a_point() -> None:
    assert armed_fault({}) is None
    assert armed_fault({"GENOME_FAULT": "a.b:3:leader"}) == ArmedFault("a.b", 3, "leader")
    for order in ("a.b", "a.b:0:group", "a.b:1:world", "a.b:x:group"):
        with pytest.raises(ConfigurationFaulty, match="GENOME_FAULT"):
            armed_fault({"GENOME_FAULT": order})


def test_only_the_settings_read_the_environment_for_it() -> None:
    readers = [
        path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if "GENOME_FAULT" in path.read_text()
    ]
    assert readers == ["foundation/settings.py"]
    assert Path(SOURCE / "foundation" / "settings.py").is_file()
