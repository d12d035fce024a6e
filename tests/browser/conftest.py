"""The installation's web page, served as `genome ui` serves it, and a browser to open it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.foundation.settings import child_environment

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_START_SECONDS = 90
_END_SECONDS = 60
_PATIENCE_MILLISECONDS = 30_000


@dataclass(frozen=True)
class Site:
    """A served installation: its lake and the page's address."""

    lake: Path
    address: str


@pytest.fixture(scope="session")
def playwright_api() -> Any:
    """What drives browsers, or a skip that says what is missing."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs Debian's chromium at {CHROMIUM}: apt-get install chromium")
    return pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -e '.[test]'")


@pytest.fixture(scope="module")
def site(playwright_api: Any, finished_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over a copy of the finished night; nothing of it is at work afterwards."""
    del playwright_api  # without a browser nothing need be served
    lake = Path(shutil.copytree(finished_night, tmp_path_factory.mktemp("page") / "lake"))
    port = _free_port()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("genome")), "ui", "--port", str(port)],
        env=child_environment({"GENOME_LAKE": str(lake), "GENOME_NIGHT_AT": _in_half_a_day()}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/server_info", process)
        yield Site(lake, f"http://127.0.0.1:{port}")
    finally:
        left = _end(process, lake)
    assert left == [], "the page left processes behind"


@pytest.fixture(scope="module")
def chromium(playwright_api: Any, site: Site) -> Iterator[Any]:
    """A browser, closed before other modules run nights: its event loop would be in their way."""
    del site  # made first, since a night is run for it
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, site: Site) -> Iterator["Page"]:
    """A tab whose relative addresses are the site's."""
    context = chromium.new_context(base_url=site.address, viewport={"width": 1600, "height": 1200})
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    yield context.new_page()
    context.close()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _in_half_a_day() -> str:
    """Return a time of day that no zone reaches while the tests run, so that the schedule stays still."""
    return f"{datetime.now(UTC) + timedelta(hours=12):%H}:30"


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, f"`genome ui` ended with {process.returncode} before its page was up"
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - this machine's own address
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    pytest.fail(f"no page at {address} within {_START_SECONDS} seconds")


def _end(process: "subprocess.Popen[bytes]", lake: Path) -> list[int]:
    """Return the processes of the installation that were still at work after an interrupt; they are killed."""
    process.send_signal(signal.SIGINT)
    until = time.monotonic() + _END_SECONDS
    while (left := _at_work(lake)) and time.monotonic() < until:
        process.poll()
        time.sleep(0.5)
    for number in left:
        os.kill(number, signal.SIGKILL)
    process.wait(timeout=_END_SECONDS)
    return left


def _at_work(lake: Path) -> list[int]:
    stated = f"GENOME_LAKE={lake}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if stated in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found
