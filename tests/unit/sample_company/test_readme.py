import re
from pathlib import Path

from orchestration.sample_company import noise
from orchestration.sample_company.edge_cases import EDGE_CASES
from orchestration.sample_company.sources import crm, known, observer, pos
from orchestration.sample_company.sources.all_sources import SOURCES
from orchestration.sample_company.truth import TABLES

README = Path(noise.__file__).with_name("README.md")


def _page() -> str:
    return README.read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading row, without the heading."""
    table = _page().partition(heading)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_page_states_every_noise_rate() -> None:
    stated = {
        (feed, field): {kind: round(float(share) / 100, 6) for kind, share in re.findall(r"(\w+) ([\d.]+) %", rates)}
        for feed, field, rates in _rows("| feed | field | noise |")
    }
    fields_of = noise.NOISE.items()
    assert stated == {(feed, field): dict(rates) for feed, fields in fields_of for field, rates in fields.items()}


def test_the_page_names_every_feed_with_its_file() -> None:
    stated = {feed.strip("`"): file.strip("`") for feed, file, _ in _rows("| feed | file |")}
    feeds = (feed for feeds in SOURCES.values() for feed in feeds)
    assert stated == {
        feed.key: f"{feed.stem}{'_<store>' if feed.volume else ''}_<day>.{feed.extension}" for feed in feeds
    }


def test_the_page_tells_every_edge_case() -> None:
    assert [row[0].strip("`") for row in _rows("| name | what it is about |")] == [case.name for case in EDGE_CASES]


def test_the_page_names_every_table_of_the_truth() -> None:
    section = _page().partition("## The truth")[2]
    assert set(TABLES) <= set(re.findall(r"`(\w+)`", section))


def test_the_page_states_how_the_sources_differ() -> None:
    page = " ".join(_page().split())
    for share, words in (
        (known.GUEST_ORDER_SHARE, "{} of the others' orders are guest orders"),
        (crm.STALE_EMAIL_SHARE, "{} of the contacts concerned are never updated"),
        (crm.STALE_HOME_SHARE, "({} for a new home)"),
        (known.SECOND_ACCOUNT_SHARE, "{} of the accounts' owners have registered again"),
        (crm.SECOND_CONTACT_SHARE, "{} of CRM people stand in it twice"),
        (pos.CARD_SHOWN_SHARE, "Cards are shown at {} of the store purchases"),
        (pos.RECEIPT_BY_EMAIL_SHARE, "a receipt by e-mail is asked for at {}"),
        (observer.LATE_FILE_SHARE, "{} of the days' files come a night late"),
        (observer.AGAIN_FILE_SHARE, "{} come a second time"),
    ):
        assert words.format(f"{share * 100:g} %") in page
