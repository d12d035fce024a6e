"""The sample company's files through landing and staging: what was broken on purpose is found, row by row."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.ingest.nightly import land_everything
from orchestration.sample_company.company import write_sample_company
from orchestration.sample_company.evaluation.noise_found import fate_of
from orchestration.standardise.nightly import standardise_new_values
from orchestration.warehouse.build_state import show_files_touched
from orchestration.warehouse.registrar import input_tables, output_tables, register_views
from tests.support.warehouses import Dbt

CUSTOMERS = 400
ENDS_ON = date(2026, 6, 30)
LANDED_AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
LIMITS = DuckdbLimits(memory_limit="1GB", threads=2)
CONTRACTS = load_contracts(PROJECT_ROOT / "lake" / "contracts")
# What stands around the table of a sheet was never a record.
FURNITURE = ("row_above_header", "row_of_totals")


@pytest.fixture(scope="module")
def staged(dbt: Dbt, empty_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:  # noqa: ARG001 - after the session's warehouse, whose path it uses
    """A folder with the warehouse after staging, and the truth beside it."""
    root = tmp_path_factory.mktemp("company")
    lake = Lake(root / "lake")
    write_sample_company(lake.root / "inbox", customers_count=CUSTOMERS, ends_on=ENDS_ON, truth_root=root / "truth")
    stated = {"run_id": "r", "timezone": "Europe/London"}
    reports = land_everything(lake, CONTRACTS, ingested_at=LANDED_AT, limits=LIMITS, **stated)
    assert [report.refused for report in reports.values() if report.refused] == []
    assert Counter(column for report in reports.values() for column in report.unknown_columns) == Counter()
    list(standardise_new_values(lake, CONTRACTS.feeds(), as_of_on=ENDS_ON, run_id="r", at=LANDED_AT))
    register_views(dbt.warehouse, lake, input_tables(CONTRACTS) | output_tables(), limits=LIMITS)
    with duckdb.connect(dbt.warehouse) as connection:
        show_files_touched(connection)
    dbt.build("block_staging")
    shutil.move(dbt.warehouse, root / "warehouse.duckdb")
    yield root
    shutil.rmtree(root)


@pytest.fixture
def connection(staged: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(staged / "warehouse.duckdb", read_only=True) as opened:
        opened.execute(f"set variable truth = '{staged}/truth'")
        yield opened


def test_every_broken_record_meets_the_fate_that_it_must_and_no_other_does(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    injected: Counter[tuple[str, str]] = Counter()
    noise = "read_parquet(getvariable('truth') || '/noise_counts.parquet')"
    counts = f"select source || '/' || feed, noise_type, records_count from {noise} where field = 'record'"
    for feed, kind, count in connection.execute(counts).fetchall():
        fate = fate_of(kind)
        if fate in {"quarantined", "rejected", "duplicate"}:
            injected[feed, fate] += count
    found: Counter[tuple[str, str]] = Counter()
    judged = "select source || '/' || feed, row_fate, count(*) from staging.int_rows_judged group by all"
    kept = "select source || '/' || feed, 'quarantined', sum(records_count) from staging.stg_quarantine__records "
    refused = f"{kept} where reason_code not in {FURNITURE} group by all"
    for query in (judged, refused):
        for feed, fate, count in connection.execute(query).fetchall():
            if fate in {"quarantined", "rejected", "duplicate"}:
                found[feed, fate] += count
    assert found == injected


def test_every_landed_row_is_judged_once(connection: duckdb.DuckDBPyConnection) -> None:
    unlike = connection.execute(
        "with judged as (select source, feed, count(*) as rows_count from staging.int_rows_judged group by all), "
        "landed as (select source, feed, sum(landed_count) as rows_count from lake_ledger.files group by all) "
        "select * from judged full join landed using (source, feed) "
        "where judged.rows_count is distinct from landed.rows_count"
    ).fetchall()
    assert unlike == []


def test_every_feed_has_staged_rows(connection: duckdb.DuckDBPyConnection) -> None:
    counts = connection.execute(
        "select source, feed from staging.int_rows_judged where row_fate in ('accepted', 'repaired') group by all"
    ).fetchall()
    expected = {(feed.source, feed.name) for feed in CONTRACTS.feeds()} - {("online_retail", "lines")}
    assert set(counts) == expected


def test_what_a_sheet_lost_is_restored_to_what_is_true(connection: duckdb.DuckDBPyConnection) -> None:
    cards = "read_parquet(getvariable('truth') || '/loyalty_cards.parquet')"
    people = "read_parquet(getvariable('truth') || '/people.parquet')"
    wrong = connection.execute(
        "select count(*), count(*) filter (where cards.card_number is null), "
        "count(*) filter (where members.birthday <> people.birth_on) "
        f"from vault.stg_loyalty__members as members left join {cards} as cards using (card_number) "
        f"left join {people} as people using (person_number)"
    ).fetchall()[0]
    assert wrong[0] > 100
    assert wrong[1:] == (0, 0)


@pytest.fixture(scope="module")
def attributed(dbt: Dbt, staged: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The customer block over customers as they truly are: what is wrong in it is no fault of linkage."""
    shutil.copyfile(staged / "warehouse.duckdb", dbt.warehouse)
    with duckdb.connect(dbt.warehouse) as connection:
        _tell_who_is_who(connection, staged / "truth")
    dbt.build("block_customer")
    whole = staged / "customers.duckdb"
    shutil.move(dbt.warehouse, whole)
    with duckdb.connect(whole, read_only=True) as opened:
        opened.execute(f"set variable truth = '{staged}/truth'")
        opened.execute(f"set variable last_day = '{ENDS_ON}'")
        yield opened


def _tell_who_is_who(connection: duckdb.DuckDBPyConnection, truth: Path) -> None:
    """Put the true owners of records, and strangers for those with none or two, in the place of identity's result."""
    connection.execute("create temp table owned as from read_parquet(?)", [f"{truth}/person_records.parquet"])
    connection.execute("drop view lake_identity.customer_records")
    connection.execute(
        """
        create table lake_identity.customer_records as
        with owners as (
            select record_id, min(person_id) as person_id from owned group by record_id having count(*) = 1
        )
        select record_id, coalesce(person_id, record_id) as customer_id, 'exact_identifier' as cluster_rule
        from identity.int_identity_records
        left join owners using (record_id)
        """
    )


def _people(name: str) -> str:
    return f"read_parquet(getvariable('truth') || '/{name}.parquet')"


def test_people_who_live_together_are_a_household_of_customers_of_their_own(
    attributed: duckdb.DuckDBPyConnection,
) -> None:
    found = dict(
        attributed.execute(
            "select edge_case, list({'household': housed.household_id, 'customer': customer_id} order by customer_id) "
            f"from customer.int_customers_housed as housed join {_people('people')} as people "
            "on housed.customer_id = people.person_id "
            "where edge_case is not null and housed.household_id is not null group by edge_case"
        ).fetchall()
    )
    for together in ("twins_same_birthday_same_address", "flat_share_one_address", "family_tablet"):
        assert len({one["household"] for one in found[together]}) == 1, together
        assert len({one["customer"] for one in found[together]}) == len(found[together]) > 1, together
    for apart in ("separated_couple", "poison_phone_shared_by_many", "same_name_strangers_one_town"):
        assert len({one["household"] for one in found[apart]}) == len(found[apart]) > 1, apart


def test_every_event_has_one_fate_and_what_one_of_two_on_a_device_does_is_never_the_others(
    attributed: duckdb.DuckDBPyConnection,
) -> None:
    events = (
        "select events.*, people.person_id, people.edge_case from customer.fct_web_events as events "
        f"join {_people('sessions')} as sessions on events.session_id_web = 's' || sessions.session_id "
        f"join {_people('people')} as people using (person_number)"
    )
    counts = attributed.execute(
        "select count(*), count(distinct event_id_web), "
        "count(*) filter (where (customer_id is null) = (reason_code is null)), "
        "(select count(*) from staging.stg_web__events "
        "where timezone('Europe/London', timezone('UTC', occurred_at))::date <= getvariable('last_day')::date) "
        "from customer.fct_web_events"
    ).fetchall()[0]
    assert counts[0] == counts[1] == counts[3] > 1_000
    assert counts[2] == 0
    both_known = "select device_id from customer.int_web_events_known group by all having count(distinct somebody) > 1"
    wrong = attributed.execute(
        f"select attributed_by, count(*) from ({events}) where customer_id like 'p_%' and customer_id <> person_id "
        f"and device_id in ({both_known}) group by all"
    ).fetchall()
    assert wrong == []
    tablet = attributed.execute(f"select count(*) from ({events}) where edge_case = 'family_tablet'").fetchall()[0][0]
    assert tablet > 0
