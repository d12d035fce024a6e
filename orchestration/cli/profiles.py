"""`genome profiles`: what arrived of each feed, what changed, which columns belong together; it changes nothing."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.foundation.atomic_files import write_bytes_atomically
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import Settings
from orchestration.profiles.nightly.drift import ProfileRow
from orchestration.profiles.nightly.page import profiles_page
from orchestration.profiles.nightly.shown import (
    COLUMNS_SHOWN,
    DRIFT_SHOWN,
    HANDLING_SHOWN,
    JOINS_SHOWN,
    as_shown,
    files_told,
    profiles_shown,
)


class FeedUnknown(GenomeError):
    """A feed that no contract names."""

    @classmethod
    def of(cls, feed: str, known: Iterable[str]) -> "FeedUnknown":
        """Return the error for a feed as it was asked for."""
        return cls(f"no contract has the feed {feed!r}; there are {some_of(sorted(known))}. Name it as source/feed.")


def show_profiles(settings: Settings, *, console: Console, feed: str | None = None, page: Path | None = None) -> None:
    """Print changes, joins and, of one feed, its columns; write all of it as a page when a path is given.

    Raises:
        FeedUnknown: no contract names the feed.
        LakeFileDamaged: a profile is missing or damaged.
    """
    if feed is not None:
        known = {f"{each.source}/{each.name}" for each in load_contracts(settings.contracts_dir).feeds()}
        if feed not in known:
            raise FeedUnknown.of(feed, known)
    shown = profiles_shown(Lake(settings.lake_root), feed=feed)
    if not shown.columns:
        console.print("No night has profiled anything yet. `genome night` profiles what arrived.")
        return
    for name, rows in shown.columns.items():
        if feed is None:
            arrived = f"{files_told(rows[0])}, {len(rows)} columns, night {rows[0]['as_of_on']}"
            console.print(f"[bold]{name}[/]  {arrived}", soft_wrap=True)
        else:
            console.print(_grid(f"{name}, night {rows[0]['as_of_on']}", COLUMNS_SHOWN, rows))
    if shown.drift:
        console.print(_grid("What changed", DRIFT_SHOWN, shown.drift))
    else:
        console.print("No column changed since its feed last arrived.")
    if shown.contradictions:
        told = "Which columns look more personal than their contract says"
        console.print(_grid(told, HANDLING_SHOWN, shown.contradictions))
    if shown.joins:
        console.print(_grid("Which columns belong together", JOINS_SHOWN, shown.joins))
    if page is not None:
        write_bytes_atomically(page.absolute(), profiles_page(shown).encode())
        console.print(f"Written to {page}", soft_wrap=True)


def _grid(title: str, titles: Mapping[str, str], rows: Iterable[ProfileRow]) -> Table:
    grid = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for name in titles.values():
        grid.add_column(name, overflow="fold")
    for cells in as_shown(rows, titles):
        grid.add_row(*map(Text, cells))
    return grid
