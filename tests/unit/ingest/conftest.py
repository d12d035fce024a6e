"""Fixtures of the landing tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.foundation.lake_io import Lake
from tests.support.inboxes import Inbox, contract


@pytest.fixture
def make_inbox(tmp_path: Path) -> Callable[..., Inbox]:
    """Makes an inbox whose contract says what is stated."""
    return lambda **stated: Inbox(Lake(tmp_path / "lake"), contract(**stated))


@pytest.fixture
def inbox(make_inbox: Callable[..., Inbox]) -> Inbox:
    return make_inbox()


@pytest.fixture
def no_leftovers(tmp_path: Path) -> Callable[[], list[Path]]:
    """Lists files that a landing left in its private folders."""
    return lambda: [path for path in (tmp_path / "lake" / "archive" / ".receiving").rglob("*") if path.is_file()]
