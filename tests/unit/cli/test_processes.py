"""Children are kept at work, their lines are kept in bounds, and nothing of them stays behind."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.cli import processes
from orchestration.cli.processes import (
    AlreadyUp,
    ChildSpec,
    Group,
    delay_before,
    living_members,
    only_one,
    rotating_log,
    stopped_by_signals,
    supervise,
)

WITH_A_CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def _spec(folder: Path, code: str, name: str = "child", inherited: tuple[int, ...] = ()) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-c", code], dict(os.environ), folder, inherited)


def _until(holds: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


def _lines(log_dir: Path, name: str) -> list[str]:
    path = log_dir / f"{name}.log"
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def _supervised(folder: Path, *specs: ChildSpec, delay: float = 0.05) -> Iterator[None]:
    stop = threading.Event()
    at_work = threading.Thread(
        target=supervise,
        args=(specs,),
        kwargs={"log_dir": folder / "logs", "stop": stop, "delays": lambda _: delay},
    )
    at_work.start()
    try:
        yield
    finally:
        stop.set()
        at_work.join(timeout=60)
        assert not at_work.is_alive()


def test_a_child_that_dies_is_started_again_and_its_neighbour_is_left_alone(tmp_path: Path) -> None:
    dies = _spec(tmp_path, "print('hello'); raise SystemExit(3)", "dies")
    stays = _spec(tmp_path, "import time; print('here', flush=True); time.sleep(60)", "stays")
    with _supervised(tmp_path, dies, stays):
        _until(lambda: len(_lines(tmp_path / "logs", "dies")) >= 3 and len(_lines(tmp_path / "logs", "stays")) == 1)
    assert any("dies ended with 3" in line for line in _lines(tmp_path / "logs", "up"))
    assert _lines(tmp_path / "logs", "up")[-1].endswith("ended")


def test_a_killed_child_takes_its_own_children_with_it_before_it_comes_again(tmp_path: Path) -> None:
    code = f"{WITH_A_CHILD}; import os; print(os.getpid(), flush=True); time.sleep(60)"
    with _supervised(tmp_path, _spec(tmp_path, code)):
        _until(lambda: len(_lines(tmp_path / "logs", "child")) == 1)
        first = int(_lines(tmp_path / "logs", "child")[0].split()[-1])
        assert len(living_members(first)) == 2
        os.kill(first, signal.SIGKILL)
        _until(lambda: len(_lines(tmp_path / "logs", "child")) == 2)
        assert living_members(first) == ()
        second = int(_lines(tmp_path / "logs", "child")[1].split()[-1])
    assert living_members(second) == ()


def test_a_child_that_does_not_listen_is_killed_when_patience_is_over(tmp_path: Path) -> None:
    with rotating_log(tmp_path / "child.log") as log:
        group = Group.start(_spec(tmp_path, DEAF), log)
        _until(lambda: "deaf" in (tmp_path / "child.log").read_text())
        group.end(patience_seconds=0.5)
    assert living_members(group.process.pid) == ()
    assert group.exit_code == -signal.SIGKILL


def test_ending_twice_and_ending_what_is_gone_is_harmless(tmp_path: Path) -> None:
    group = Group.start(_spec(tmp_path, "pass"), None)
    _until(lambda: group.exit_code is not None)
    group.end()
    group.end()


def test_the_wait_before_a_start_doubles_up_to_a_minute() -> None:
    assert [delay_before(start) for start in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_log_is_cut_and_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 1_000)
    with rotating_log(tmp_path / "child.log") as log:
        for _ in range(200):
            log.info("x" * 80)
    assert len(list(tmp_path.glob("child.log*"))) == processes.LOGS_KEPT + 1
    assert all(path.stat().st_size <= 1_000 for path in tmp_path.glob("child.log*"))


def test_only_one_is_up_and_the_other_says_who(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "up.lock", holder="process 7, since noon"),
        pytest.raises(AlreadyUp, match="process 7, since noon"),
        only_one(tmp_path / "up.lock", holder="me"),
    ):
        pass
    with only_one(tmp_path / "up.lock", holder="me"):
        pass


def test_children_of_a_killed_one_still_hold_the_lock(tmp_path: Path) -> None:
    with only_one(tmp_path / "up.lock", holder="the killed one") as lock:
        group = Group.start(_spec(tmp_path, "import time; time.sleep(60)", inherited=(lock,)), None)
    try:
        with pytest.raises(AlreadyUp, match="the killed one"), only_one(tmp_path / "up.lock", holder="me"):
            pass
    finally:
        group.end()
    with only_one(tmp_path / "up.lock", holder="me"):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_asks_to_stop_and_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stopped_by_signals() as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(timeout=5)
    assert signal.getsignal(number) == before
