"""Child processes as groups: started with their lines going to rotated logs, started again when they die, ended whole.

Knows nothing of Dagster; which commands run is for `up` and `ui`. One supervisor an installation: a lock that every
child inherits tells a second one, and one that comes after a killed supervisor, who is still at work.
"""

import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType
from typing import IO

from orchestration.foundation.errors import GenomeError

LOG_BYTES = 5_000_000
LOGS_KEPT = 5

_PATIENCE_SECONDS = 30.0
_KILL_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 60.0
_STEADY_SECONDS = 600.0
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AlreadyUp(GenomeError):
    """The installation's page and daemon are up already."""

    @classmethod
    def held_by(cls, holder: str) -> "AlreadyUp":
        """Return the error that names who is up."""
        return cls(
            f"this installation is up already ({holder}). One page and one daemon run at a time, or every night would "
            "be started twice. Use that page, or end it first (Ctrl-C there, `systemctl stop`, or kill the named "
            "process and its group); nothing was started."
        )


@dataclass(frozen=True)
class ChildSpec:
    """A command to keep at work: its name in logs, its words, its environment and its folder.

    Attributes:
        name: the log's stem, such as `daemon`.
        command: the program and its arguments.
        environment: all variables of the child.
        folder: where it runs.
        inherited: descriptors that it and its children keep open.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    inherited: Sequence[int] = ()


@dataclass
class Group:
    """A started child as the leader of its own process group."""

    process: "subprocess.Popen[bytes]"
    readers: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def start(cls, spec: ChildSpec, log: logging.Logger | None) -> "Group":
        """Return the started child; its lines go to `log`, or to this terminal when there is none."""
        piped = subprocess.PIPE if log else None
        process = subprocess.Popen(  # noqa: S603 - commands are this environment's own
            list(spec.command),
            cwd=spec.folder,
            env=dict(spec.environment),
            pass_fds=tuple(spec.inherited),
            stdin=subprocess.DEVNULL,
            stdout=piped,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
        )
        group = cls(process)
        if log and process.stdout:
            reader = threading.Thread(target=_pass_lines, args=(process.stdout, log), daemon=True)
            reader.start()
            group.readers.append(reader)
        return group

    @property
    def exit_code(self) -> int | None:
        """The leader's exit code, or None while it runs."""
        return self.process.poll()

    def end(self, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """End every process of the group: asked first, killed when patience is over."""
        self._signal(signal.SIGTERM)
        if not self._is_gone_within(patience_seconds):
            self._signal(signal.SIGKILL)
            self._is_gone_within(_KILL_SECONDS)
        for reader in self.readers:
            reader.join(timeout=_KILL_SECONDS)

    def _signal(self, number: signal.Signals) -> bool:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def _is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not living_members(self.process.pid):
                self.process.wait()
                return True
            self.process.poll()
            time.sleep(_LOOK_EVERY_SECONDS)
        return False


def supervise(
    children: Sequence[ChildSpec],
    *,
    log_dir: Path,
    stop: threading.Event,
    on_start: Callable[[], None] = lambda: None,
    delays: Callable[[int], float] | None = None,
) -> None:
    """Keep all children at work until `stop` is set, then end them all.

    A child that ends is started again after a delay that doubles up to a minute, and begins anew once it has run for
    ten; what it left of its group is ended before.

    Args:
        children: what to keep at work.
        log_dir: where each child's lines go, as `<name>.log`, with earlier ones beside it.
        stop: set when all shall end.
        on_start: called before a child is started, for the first time and again.
        delays: seconds before the n-th start in a row, from 1; that of `delay_before` when left out.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as logs:
        say = logs.enter_context(rotating_log(log_dir / "up.log"))
        heard = logging.StreamHandler()  # on the terminal, or in systemd's journal
        heard.setLevel(logging.WARNING)
        say.addHandler(heard)
        kept = [
            _Kept(spec, logs.enter_context(rotating_log(log_dir / f"{spec.name}.log")), say, delays or delay_before)
            for spec in children
        ]
        try:
            while not stop.is_set():
                for child in kept:
                    child.look(on_start)
                stop.wait(_LOOK_EVERY_SECONDS)
            say.info("ending")
        finally:
            for child in reversed(kept):
                child.end()
            say.info("ended")


@dataclass
class _Kept:
    """A child with its group, and when it may be started (again)."""

    spec: ChildSpec
    log: logging.Logger
    say: logging.Logger
    delays: Callable[[int], float]
    group: Group | None = None
    failures: int = 0
    start_at: float = 0.0
    started_at: float = 0.0

    def look(self, on_start: Callable[[], None]) -> None:
        now = time.monotonic()
        if self.group is None and now >= self.start_at:
            on_start()
            self.group = Group.start(self.spec, self.log)
            self.started_at = now
            self.say.info("%s started as process group %s", self.spec.name, self.group.process.pid)
        elif self.group is not None and self.group.exit_code is not None:
            if now - self.started_at > _STEADY_SECONDS:
                self.failures = 0
            self.failures += 1
            delay = self.delays(self.failures)
            code = self.group.exit_code
            self.say.warning("%s ended with %s; started again in %.1f s, see its log", self.spec.name, code, delay)
            self.end()
            self.start_at = now + delay

    def end(self) -> None:
        if self.group is not None:
            self.group.end()
            self.group = None


def delay_before(start: int) -> float:
    """Return the seconds to wait before a child's n-th start in a row after it ended: 1, 2, 4, … at most 60.

    Example:
        >>> [delay_before(start) for start in (1, 2, 3, 7, 5000)]
        [1.0, 2.0, 4.0, 60.0, 60.0]
    """
    return min(_LONGEST_DELAY_SECONDS, 2.0 ** min(start - 1, 10))


def living_members(group: int) -> tuple[int, ...]:
    """Return the processes of a group that are at work, ended ones that nobody has asked for aside."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, members_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(members_group) == group and state != "Z":
            found.append(int(folder.name))
    return tuple(sorted(found))


@contextmanager
def rotating_log(path: Path) -> Iterator[logging.Logger]:
    """Yield a log of its own whose file is cut at 5 MB, with the five before it kept beside it."""
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.Logger(path.stem)  # noqa: LOG001 - one a file, not one a name
    log.addHandler(handler)
    try:
        yield log
    finally:
        handler.close()


@contextmanager
def only_one(path: Path, *, holder: str) -> Iterator[int]:
    """Hold the installation's lock of page and daemon and yield its descriptor, for children to inherit.

    Args:
        path: the lock file.
        holder: who is up, since when and where, in words.

    Raises:
        AlreadyUp: another one is up, or children of a killed one are.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyUp.held_by(path.read_text() or "it has not said who it is yet") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGINT, SIGTERM or SIGHUP sets, in place of what they did before."""
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    before = {number: signal.signal(number, set_stop) for number in _ENDING}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass_lines(stream: IO[bytes], log: logging.Logger) -> None:
    with stream:
        for line in stream:
            log.info("%s", line.decode(errors="replace").rstrip())
