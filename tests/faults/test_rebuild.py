"""`genome rebuild` makes everything anew, identical, from what was received; `genome rollback` goes back at once."""

from pathlib import Path

import pytest

from orchestration.foundation.lake_io import Lake, sha256_of
from orchestration.publish.swap import published
from tests.faults.conftest import Small
from tests.support.damages import damage
from tests.support.kills import Kill, Nights, differences

pytestmark = pytest.mark.faults


def test_a_rebuild_after_all_that_is_derived_was_damaged_is_identical(
    own: Path, nights: Nights, second_night: Small
) -> None:
    lake = Lake(own)
    for table in ("standardised/emails", "standardised/names", "identity/customer_records"):
        damage(lake.paths(table)[0], "bit flipped")
    damage(own / "warehouse.duckdb", "truncated")
    damage(own / "serving" / "genome.duckdb", "bit flipped")
    ended = nights.run(own, ["rebuild"])
    assert ended.code == 0, ended.output
    assert differences(second_night.after, own) == {}


@pytest.mark.in_full
def test_a_rebuild_leaves_out_what_waits_in_the_inbox(own: Path, nights: Nights, second_night: Small) -> None:
    waiting = own / "inbox" / "crm" / "contacts_2026-07-02.csv"
    original = next((own / "archive" / "crm").rglob("*contacts_2026-07-01.csv"))
    text = original.read_bytes()
    waiting.write_bytes(text[: text.rindex(b"\n", 0, -1) + 1])
    ended = nights.run(own, ["rebuild"])
    assert ended.code == 0, ended.output
    assert differences(second_night.after, own).keys() <= {"raw/crm/contacts", "ledger/files", "quarantine/records"}


def test_a_rebuild_over_a_damaged_raw_file_names_it_and_removes_nothing(own: Path, nights: Nights) -> None:
    path = Lake(own).paths("raw/crm/contacts")[0]
    damage(path, "swapped", other=Lake(own).paths("raw/crm/contacts")[1])
    before = sha256_of(own / "warehouse.duckdb")
    ended = nights.run(own, ["rebuild"])
    assert ended.code == 1
    assert path.name in "".join(ended.output.split())
    assert "Nothing was removed" in " ".join(ended.output.split())
    assert sha256_of(own / "warehouse.duckdb") == before


def test_a_damaged_model_is_forgotten_and_trained_anew(own: Path, nights: Nights) -> None:
    [model] = (own / "models").glob("*.skops")
    damage(model, "bit flipped")
    ended = nights.run(own, ["rebuild"])
    assert ended.code == 0, ended.output
    assert "a new model is trained" in " ".join(ended.output.split())


@pytest.mark.parametrize(
    "point", [pytest.param("rebuild.after_reopen", marks=pytest.mark.in_full), "rebuild.after_drop"]
)
def test_a_rebuild_that_is_killed_is_ended_by_the_night(
    own: Path, nights: Nights, second_night: Small, point: str
) -> None:
    assert nights.run(own, ["rebuild"], kill=Kill("group", point)).is_killed
    ended = nights.run(own, second_night.command)
    assert ended.code == 0, ended.output
    assert differences(second_night.after, own) == {}


def test_a_rollback_shows_the_build_before_within_a_second_and_says_which(
    own: Path, nights: Nights, first_night: Small
) -> None:
    before = published(first_night.after / "serving")
    assert before is not None
    ended = nights.run(own, ["rollback"])
    assert ended.code == 0, ended.output
    assert before.build_id in ended.output
    assert published(own / "serving") == before
    assert sha256_of(own / "serving" / "genome.duckdb") == sha256_of(first_night.after / "serving" / "genome.duckdb")
    assert ended.seconds < 1


def test_a_rollback_that_is_killed_has_shown_the_earlier_build_and_can_be_taken_back(
    own: Path, nights: Nights, first_night: Small
) -> None:
    latest = published(own / "serving")
    assert latest is not None
    assert nights.run(own, ["rollback"], kill=Kill("group", "rollback.after_rename")).is_killed
    assert published(own / "serving") == published(first_night.after / "serving")
    ended = nights.run(own, ["rollback", "--to", latest.build_id])
    assert ended.code == 0, ended.output
    assert published(own / "serving") == latest
