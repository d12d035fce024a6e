"""A night started at the command line is on the web page too, with counts and previews, and names nobody anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.definitions import build_definitions
from orchestration.foundation.settings import Settings
from tests.assets.event_log import RunLog, all_text_below, instance_of, run_log
from tests.support.nights import settings_of

pytestmark = pytest.mark.night

EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
PHONE = re.compile(r"(?<![0-9a-zA-Z.])\+?[0-9(][0-9 ()/.-]{7,18}[0-9](?![0-9a-zA-Z])")
SHORTEST_PHONE = 9
# dbt writes when it made a thing as seconds with a fraction: thirteen digits and more that nobody can dial.
SECONDS_SINCE_1970 = re.compile(r"(?<![0-9.])1[0-9]{9}\.[0-9]+")
NOBODY = (frozenset[str](), frozenset[str]())
# Of values and of their hashes, only their number may be shown.
SHOWN_WITHOUT_PREVIEW = {
    "profiles/sketches",
    "standardise/countries",
    "standardise/emails",
    "standardise/names",
    "standardise/phones",
}


@pytest.fixture(scope="module")
def settings(finished_night: Path) -> Settings:
    return settings_of(finished_night)


@pytest.fixture(scope="module")
def log(settings: Settings) -> RunLog:
    with instance_of(settings) as instance:
        [run] = instance.get_runs()
    return run_log(settings, run.run_id)


@pytest.fixture(scope="module")
def people(finished_night: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Every e-mail address and every phone number of the sample, as people have them and as sources typed them."""
    emails, phones = set[str](), set[str]()
    for text in _contact_points(finished_night):
        emails |= {found.lower() for found in EMAIL.findall(text)}
        phones |= {_digits(found) for found in PHONE.findall(text)}
    return frozenset(emails), frozenset(phone[-SHORTEST_PHONE:] for phone in phones if len(phone) >= SHORTEST_PHONE)


def test_a_run_of_the_command_line_stands_in_the_instance_of_the_web_page(log: RunLog) -> None:
    assert log.status == "SUCCESS"
    assert "command line" in log.tags.values()
    assert not log.failed_checks


def test_every_asset_of_the_night_shows_its_row_count_and_a_preview(settings: Settings, log: RunLog) -> None:
    graph = build_definitions(settings).resolve_asset_graph()
    assert set(log.materialised) == set(graph.executable_asset_keys)
    for key, made in log.materialised.items():
        count = made.metadata.get("dagster/row_count")
        assert isinstance(count, dg.IntMetadataValue), key
        assert count.value is not None, key
        assert count.value >= 0, key
    without = {key.to_user_string() for key, made in log.materialised.items() if not made.metadata.keys() & _SHOWN}
    assert without == SHOWN_WITHOUT_PREVIEW


_SHOWN = {"preview", "inputs"}


def test_row_counts_are_those_of_the_tables(finished_night: Path, log: RunLog) -> None:
    with duckdb.connect(finished_night / "serving" / "genome.duckdb", read_only=True) as connection:
        for key, made in log.materialised.items():
            if key.path[0] == "serving":
                [(count,)] = connection.execute(f"select count(*) from {key.path[-1]}").fetchall()
                assert made.metadata["dagster/row_count"].value == count, key


def test_the_model_shows_its_calibration_and_its_lift(log: RunLog) -> None:
    shown = log.materialised[dg.AssetKey(["insight", "purchase_model"])].metadata
    for name in ("calibration", "lift"):
        assert str(shown[name].value).startswith("![plot](data:image/png;base64,"), name


def test_the_sample_has_contact_points_to_look_for(people: tuple[frozenset[str], frozenset[str]]) -> None:
    emails, phones = people
    assert len(emails) > 300
    assert len(phones) > 300


def test_neither_previews_nor_the_event_log_name_anybody(
    log: RunLog, people: tuple[frozenset[str], frozenset[str]]
) -> None:
    assert _named(log.text, people) == NOBODY


def test_neither_dagster_nor_dbt_keeps_personal_data_in_its_files(
    settings: Settings, people: tuple[frozenset[str], frozenset[str]]
) -> None:
    looked_at = 0
    for folder in (settings.dagster_home, settings.dbt_target_dir):
        for path, text in all_text_below(folder):
            looked_at += 1
            assert _named(text, people) == NOBODY, path.relative_to(folder)
    assert looked_at > 10


def test_the_search_finds_what_is_there(finished_night: Path, people: tuple[frozenset[str], frozenset[str]]) -> None:
    [export] = (finished_night / "archive" / "crm").rglob("*contacts_*")
    emails, phones = _named(export.read_bytes().decode("cp1252"), people)
    assert len(emails) > 100
    assert len(phones) > 100


def _named(text: str, people: tuple[frozenset[str], frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
    emails, phones = people
    seen = {found.lower() for found in EMAIL.findall(text)}
    dialled = {_digits(found)[-SHORTEST_PHONE:] for found in PHONE.findall(SECONDS_SINCE_1970.sub(" ", text))}
    return emails & seen, phones & dialled


def _contact_points(root: Path) -> Iterator[str]:
    sources = (
        ("value", "sample_truth/contact_points.parquet"),
        ("email_raw, email_normalised", "standardised/emails/**/*.parquet"),
        ("phone_raw, phone_e164", "standardised/phones/**/*.parquet"),
    )
    with duckdb.connect() as connection:
        for columns, files in sources:
            rows = connection.execute(f"select {columns} from read_parquet(?)", [str(root / files)]).fetchall()
            yield from (text for row in rows for text in row if text)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
