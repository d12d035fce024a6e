from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.publish import swap as swap_module
from orchestration.publish.candidate import build_candidate
from orchestration.publish.lookup import (
    LOOKUP_NAME,
    LookupKeyUnfit,
    LookupMissing,
    Recognised,
    build_lookup,
    look_up,
    lookup_of_build,
    lookups_of_builds,
)
from orchestration.publish.swap import keep_last, published, roll_back, shown_lookup, swap

NIGHT = date(2026, 3, 31)
KEY, OTHER_KEY = "1" * 64, "2" * 64
TABLES = """
create schema identity; create schema customer;
create table vault.int_contact_points_observed as
    select *, sha256(identifier_value) as identifier_hash
    from (values
        ('r1', 'email', 'ada@example.org'), ('r2', 'email', 'bob@example.org'), ('r3', 'email', 'cem@example.org'),
        ('r1', 'email', 'family@example.org'), ('r2', 'email', 'family@example.org'),
        ('r3', 'email', 'noreply@example.org'), ('r3', 'phone', '+447312345678'),
        ('r4', 'email', 'dan@example.org')
    ) as shown (record_id, identifier_type, identifier_value);
create table identity.int_logins_observed as
    select 'r1' as record_id, 'loyalty_card' as identifier_type, '0063' as identifier_value,
        sha256('0063') as identifier_hash;
create table identity.int_customer_records_linked as
    select * from (values ('r1', 'c1'), ('r2', 'c2'), ('r3', 'c3'), ('r4', 'c4')) as linked (record_id, customer_id);
create table identity.int_identifiers_owned as
    select identifier_type, identifier_hash, min(customer_id) as customer_id
    from (
        select * from vault.int_contact_points_observed union all select * from identity.int_logins_observed
    ) join identity.int_customer_records_linked using (record_id)
    group by all having count(distinct customer_id) = 1;
create table identity.int_values_suspected as
    select 'email' as attribute, sha256('noreply@example.org') as value_hash, 'email_shared' as reason_code;
create table customer.dim_customer_consents as
    select *, 'profiling' as purpose
    from (values ('c1', 'email', true), ('c3', 'email', true), ('c3', 'phone', false),
        ('c4', 'email', true))
    as consents (customer_id, channel, has_consent);
create table vault.stg_privacy_requests__requests as
    select * from (values ('q1', 'objection'), ('q2', 'access'))
    as requests (request_id_privacy_requests, request_type);
create table identity.int_facts_owned as
    select * from (values ('privacy_requests:requests:q1', 'c4'), ('privacy_requests:requests:q2', 'c2'))
    as facts (fact_id, customer_id);
create table serving.mart_customer_360 as
    select customer_id, date '2026-03-31' as as_of_on, 'champions' as segment_code, 'Champions' as segment_name,
        date '2025-01-01' as first_seen_on, date '2025-02-01' as first_ordered_on, date '2026-03-01' as last_ordered_on
    from identity.int_customer_records_linked;
"""
CARD = (
    '{"segment_name":"Champions","first_seen_on":"2025-01-01",'
    '"first_ordered_on":"2025-02-01","last_ordered_on":"2026-03-01"}'
)


@pytest.fixture
def serving_dir(warehouse: Path, limits: DuckdbLimits, tmp_path: Path) -> Path:
    with duckdb.connect(warehouse) as connection:
        connection.execute(TABLES)
    folder = tmp_path / "serving"
    publish("b1", warehouse=warehouse, serving_dir=folder, limits=limits)
    return folder


def publish(build_id: str, *, warehouse: Path, serving_dir: Path, limits: DuckdbLimits) -> None:
    candidate = build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id=build_id, limits=limits)
    build_lookup(warehouse=warehouse, serving_dir=serving_dir, build_id=build_id, key=KEY, limits=limits)
    minute = int(build_id.removeprefix("b"))
    swap(candidate, serving_dir=serving_dir, as_of_on=NIGHT, published_at=datetime(2026, 4, 1, 2, minute, tzinfo=UTC))


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def asked(serving_dir: Path, limits: DuckdbLimits, kind: str, value: str, key: str = KEY) -> Recognised | None:
    return look_up(shown_lookup(serving_dir), identifier_type=kind, identifier_value=value, key=key, limits=limits)


def test_who_granted_profiling_has_tier_and_card_by_each_of_their_identifiers(
    serving_dir: Path, limits: DuckdbLimits
) -> None:
    for kind, value in (("email", "ada@example.org"), ("loyalty_card", "0063")):
        assert asked(serving_dir, limits, kind, value) == Recognised("c1", "champions", CARD, NIGHT)


def test_who_said_nothing_has_a_tier_and_who_withdrew_anywhere_is_recognised_alone(
    serving_dir: Path, limits: DuckdbLimits
) -> None:
    assert asked(serving_dir, limits, "email", "bob@example.org") == Recognised("c2", "champions", "{}", NIGHT)
    assert asked(serving_dir, limits, "email", "cem@example.org") == Recognised("c3", None, "{}", NIGHT)


def test_who_objected_in_writing_is_recognised_alone_and_who_asked_for_access_is_not_silenced(
    serving_dir: Path, limits: DuckdbLimits
) -> None:
    assert asked(serving_dir, limits, "email", "dan@example.org") == Recognised("c4", None, "{}", NIGHT)
    found = asked(serving_dir, limits, "email", "bob@example.org")
    assert found is not None
    assert found.value_tier == "champions"


def test_what_two_customers_show_and_what_is_suspect_leads_to_nobody(serving_dir: Path, limits: DuckdbLimits) -> None:
    for kind, value in (
        ("email", "family@example.org"),
        ("email", "noreply@example.org"),
        ("phone", "ada@example.org"),
        ("email", "stranger@example.org"),
    ):
        assert asked(serving_dir, limits, kind, value) is None


def test_nothing_in_the_file_tells_an_identifier_to_who_lacks_the_secret(
    serving_dir: Path, limits: DuckdbLimits
) -> None:
    with pytest.raises(LookupKeyUnfit, match="made with another secret"):
        asked(serving_dir, limits, "email", "ada@example.org", key=OTHER_KEY)
    table = pq.read_table(serving_dir / LOOKUP_NAME)
    content = (serving_dir / LOOKUP_NAME).read_bytes() + table.to_pandas().to_csv().encode()
    with duckdb.connect() as connection:
        for value in ("ada@example.org", "+447312345678", "0063", KEY):
            [(plain,)] = connection.execute("select sha256(?)", [value]).fetchall()
            assert value.encode() not in content
            assert plain.encode() not in content
    assert table.equals(table.sort_by("identifier_hash"))


def test_a_build_that_is_not_swapped_in_changes_nothing_and_goes_with_the_next(
    serving_dir: Path, warehouse: Path, limits: DuckdbLimits
) -> None:
    before = (serving_dir / LOOKUP_NAME).read_bytes()
    with duckdb.connect(warehouse) as connection:
        connection.execute("update serving.mart_customer_360 set segment_code = 'lost'")
    build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b2", limits=limits)
    build_lookup(warehouse=warehouse, serving_dir=serving_dir, build_id="b2", key=KEY, limits=limits)
    assert (serving_dir / LOOKUP_NAME).read_bytes() == before
    publish("b3", warehouse=warehouse, serving_dir=serving_dir, limits=limits)
    keep_last(serving_dir, 2)
    found = asked(serving_dir, limits, "email", "bob@example.org")
    assert found is not None
    assert found.value_tier == "lost"
    assert lookups_of_builds(serving_dir) == [lookup_of_build(serving_dir, build) for build in ("b1", "b3")]


def test_the_look_up_goes_back_with_its_database_and_goes_with_it(
    serving_dir: Path, warehouse: Path, limits: DuckdbLimits
) -> None:
    first = (serving_dir / LOOKUP_NAME).read_bytes()
    with duckdb.connect(warehouse) as connection:
        connection.execute("update serving.mart_customer_360 set segment_code = 'lost'")
    publish("b2", warehouse=warehouse, serving_dir=serving_dir, limits=limits)
    assert (serving_dir / LOOKUP_NAME).read_bytes() != first
    roll_back(serving_dir)
    assert (serving_dir / LOOKUP_NAME).read_bytes() == first
    keep_last(serving_dir, 1)
    assert lookups_of_builds(serving_dir) == [lookup_of_build(serving_dir, "b1")]


def test_whoever_is_killed_between_database_and_look_up_leaves_the_look_up_of_the_database(
    serving_dir: Path, warehouse: Path, limits: DuckdbLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (serving_dir / LOOKUP_NAME).read_bytes()
    with duckdb.connect(warehouse) as connection:
        connection.execute("update serving.mart_customer_360 set segment_code = 'lost'")
    cut_off_publishing = partial(publish, "b2", warehouse=warehouse, serving_dir=serving_dir, limits=limits)
    assert _after_a_kill(cut_off_publishing, "b2", serving_dir, monkeypatch) != first
    publish("b3", warehouse=warehouse, serving_dir=serving_dir, limits=limits)
    assert _after_a_kill(partial(roll_back, serving_dir, build_id="b1"), "b1", serving_dir, monkeypatch) == first


def _after_a_kill(go: Callable[[], object], build: str, serving_dir: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return the look-up file that the next command shows after `go` was killed behind the database's rename."""
    with monkeypatch.context() as patched:
        patched.setattr(swap_module, "_show_lookup", _killed)
        with pytest.raises(KeyboardInterrupt):
            go()
    shown = published(serving_dir)
    assert shown is not None
    assert shown.build_id == build
    assert shown_lookup(serving_dir) == lookup_of_build(serving_dir, build)
    kept = lookup_of_build(serving_dir, build).read_bytes()
    assert (serving_dir / LOOKUP_NAME).read_bytes() != kept
    keep_last(serving_dir, 3)
    assert (serving_dir / LOOKUP_NAME).read_bytes() == kept
    return kept


def test_a_build_without_look_up_is_never_answered_from_another_build(serving_dir: Path, limits: DuckdbLimits) -> None:
    lookup_of_build(serving_dir, "b1").unlink()
    with pytest.raises(LookupMissing, match="another build is no substitute"):
        asked(serving_dir, limits, "email", "ada@example.org")


def test_before_the_first_night_a_look_up_says_what_is_missing(tmp_path: Path, limits: DuckdbLimits) -> None:
    with pytest.raises(LookupMissing, match="no night has published it"):
        asked(tmp_path, limits, "email", "ada@example.org")
