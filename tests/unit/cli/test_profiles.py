"""`genome profiles` shows what is known of the feeds, and writes it as a page that needs nothing from elsewhere."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.cli.profiles import FeedUnknown, show_profiles
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import Settings
from tests.support.nights import settings_of
from tests.support.profiled_feeds import ProfiledFeeds, feed_of

CONTACTS = feed_of("crm", "contacts", email="direct", title="text")
ORDERS = feed_of("shop", "accounts", email="direct")
EMAILS = [f"p{number}@example.org" for number in range(50)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def profiled(tmp_path: Path) -> None:
    feeds = ProfiledFeeds(Lake(tmp_path), (CONTACTS, ORDERS))
    feeds.land(CONTACTS, "one", email=EMAILS, title=["<script>alert(1)</script>"] * 50)
    feeds.land(ORDERS, "two", email=EMAILS)
    feeds.night(date(2026, 6, 29))
    feeds.land(CONTACTS, "three", email=EMAILS)
    feeds.night(date(2026, 6, 30))


def _shown(settings: Settings, console: Console, **choice: object) -> str:
    with console.capture() as captured:
        show_profiles(settings, console=console, **choice)  # type: ignore[arg-type] # passed through
    return " ".join(captured.get().split())


@pytest.fixture
def console() -> Console:
    return Console(width=300)


def test_before_the_first_night_it_says_what_makes_profiles(settings: Settings, console: Console) -> None:
    assert "`genome night`" in _shown(settings, console)


@pytest.mark.usefixtures("profiled")
def test_feeds_changes_and_joins_are_shown(settings: Settings, console: Console) -> None:
    told = _shown(settings, console)
    assert "crm/contacts 1 file, 2 columns, night 2026-06-30" in told
    assert "crm/contacts title column_vanished" in told
    assert "crm/contacts email shop/accounts email inclusion 100.0% (exact) 50 50" in told


@pytest.mark.usefixtures("profiled")
def test_one_feed_is_shown_with_its_columns_and_an_unknown_one_is_refused(settings: Settings, console: Console) -> None:
    told = _shown(settings, console, feed="crm/contacts")
    assert "email email direct 0.0% 50 14" in told
    with pytest.raises(FeedUnknown, match="source/feed"):
        show_profiles(settings, console=console, feed="crm/nobody")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action"}]


@pytest.mark.usefixtures("profiled")
def test_the_page_needs_no_network_and_obeys_nothing_that_arrived(
    settings: Settings, console: Console, tmp_path: Path
) -> None:
    _shown(settings, console, page=tmp_path / "out" / "profiles.html")
    text = (tmp_path / "out" / "profiles.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert page.addresses
    assert all(address is not None and address.startswith("#") for address in page.addresses)
    assert not re.search(r"url\(|@import|https?:", text)
    for told in ("column_vanished", "crm/contacts", "shop/accounts", "100.0% (exact)"):
        assert told in text
    assert "example.org" not in text
    assert "alert" not in text


def test_a_column_that_looks_more_personal_than_its_contract_says_is_told(
    settings: Settings, console: Console, tmp_path: Path
) -> None:
    wrong = feed_of("desk", "tickets", sender="text")
    feeds = ProfiledFeeds(Lake(settings.lake_root), (wrong,))
    feeds.land(wrong, "one", sender=EMAILS)
    feeds.night(date(2026, 6, 30))
    page = tmp_path / "profiles.html"
    assert "desk/tickets sender none looks like email 100.0%" in _shown(settings, console, page=page)
    assert "looks like email" in page.read_text(encoding="utf-8")
