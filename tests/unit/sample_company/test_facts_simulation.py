"""The facts as a whole: the same bytes for the same seed, whole keys, no reference into nothing, blocks apart."""

import hashlib
import inspect
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts import block
from orchestration.sample_company.facts.schema import FACT_TABLES, FactTable
from orchestration.sample_company.facts.simulate import simulate
from orchestration.sample_company.facts.store import FactsInvalid, FactStore, Limits

CALENDAR = Calendar.ending(date(2026, 6, 30))
BLOCK = 500
COUNT = 1_400
TABLES = [pytest.param(table, id=table.name) for table in FACT_TABLES.values()]
REFERENCES = [
    ("orders", "person_number", "people", "person_number"),
    ("orders", "original_order_number", "orders", "order_number"),
    ("orders", "caused_by_message_id", "messages", "message_id"),
    ("orders", "store_id", "stores", "store_id"),
    ("order_lines", "order_number", "orders", "order_number"),
    ("order_lines", "product_number", "catalogue", "product_number"),
    ("payments", "order_number", "orders", "order_number"),
    ("coupon_attempts", "order_number", "orders", "order_number"),
    ("coupon_attempts", "offer_id", "offers", "offer_id"),
    ("promises", "offer_id", "offers", "offer_id"),
    ("campaigns", "offer_id", "offers", "offer_id"),
    ("campaign_effects", "campaign_id", "campaigns", "campaign_id"),
    ("messages", "person_number", "people", "person_number"),
    ("consents", "contact_point_id", "contact_points", "contact_point_id"),
    ("contact_points", "previous_person_number", "people", "person_number"),
    ("experiences", "order_number", "orders", "order_number"),
    ("journeys", "order_number", "orders", "order_number"),
    ("sessions", "device_id", "devices", "device_id"),
    ("sessions", "entry_message_id", "messages", "message_id"),
    ("events", "session_id", "sessions", "session_id"),
    ("events", "order_number", "orders", "order_number"),
    ("events", "product_number", "catalogue", "product_number"),
    ("tickets", "cause_order_number", "orders", "order_number"),
    ("people", "household_id", "households", "household_id"),
    ("people", "account_id_company", "companies", "account_id_company"),
    ("households", "home_number", "homes", "home_number"),
    ("product_prices", "product_number", "catalogue", "product_number"),
    ("stock", "store_id", "stores", "store_id"),
    ("loyalty_cards", "store_id", "stores", "store_id"),
]


def _simulated(folder: Path, *, seed: int = 3, customers_count: int = COUNT) -> FactStore:
    """A company in blocks of `BLOCK` people, so that a small one has several."""
    store = FactStore(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "PEOPLE_PER_BLOCK", BLOCK)
        simulate(store, customers_count=customers_count, seed=seed, calendar=CALENDAR)
    return store


def _digests(store: FactStore) -> dict[str, str]:
    return {
        str(path.relative_to(store.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(store.root.rglob("*.parquet"))
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FactStore:
    return _simulated(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def facts(store: FactStore) -> Iterator[duckdb.DuckDBPyConnection]:
    with store.connect(Limits(memory="1GB", threads=1)) as connection:
        yield connection


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(store: FactStore, tmp_path: Path) -> None:
    threads = pa.cpu_count()
    pa.set_cpu_count(threads + 3)
    try:
        again = _digests(_simulated(tmp_path))
    finally:
        pa.set_cpu_count(threads)
    assert again == _digests(store)


def test_another_seed_gives_other_bytes_in_every_table_of_people(store: FactStore, tmp_path: Path) -> None:
    other = _digests(_simulated(tmp_path, seed=4))
    same = {name for name, digest in _digests(store).items() if other.get(name) == digest}
    assert {Path(name).parent.name for name in same} <= {"stores"}


def test_a_full_block_does_not_depend_on_how_many_follow(store: FactStore, tmp_path: Path) -> None:
    fewer = _digests(_simulated(tmp_path, customers_count=BLOCK))
    first = {name: digest for name, digest in _digests(store).items() if name.endswith("block=00000.parquet")}
    of_people = {name for name in first if not FACT_TABLES[Path(name).parent.name].is_company_wide}
    assert len(of_people) > 20
    assert {name for name in of_people if fewer[name] != first[name]} == set()


def test_facts_know_nothing_of_nights() -> None:
    assert set(inspect.signature(simulate).parameters) == {"store", "customers_count", "seed", "calendar", "causes"}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_rows_and_each_key_once(table: FactTable, facts: duckdb.DuckDBPyConnection) -> None:
    key = ", ".join(table.key)
    rows, keys = facts.execute(f"select count(*), count(distinct ({key})) from {table.name}").fetchall()[0]
    assert rows > 0
    assert keys == rows


@pytest.mark.parametrize("table", TABLES)
def test_a_file_is_ordered_by_its_key(table: FactTable, store: FactStore) -> None:
    for number in range(len(store.files(table.name))):
        rows = store.read(table.name, number)
        assert rows.schema.names == table.schema.names
        keys = rows.select(list(table.key))
        assert keys.equals(keys.sort_by([(name, "ascending") for name in table.key]))


@pytest.mark.parametrize(("table", "column", "target", "key"), REFERENCES)
def test_no_row_refers_to_nothing(
    table: str, column: str, target: str, key: str, facts: duckdb.DuckDBPyConnection
) -> None:
    assert _count(facts, f"select count({column}) from {table}") > 0
    known = f"(select {key} from {target})"
    assert _count(facts, f"select count(*) from {table} where {column} is not null and {column} not in {known}") == 0


def test_every_fact_lies_within_the_calendar(facts: duckdb.DuckDBPyConnection) -> None:
    opening, end = (datetime.combine(day, datetime.min.time()) for day in (CALENDAR.starts_on, date(2026, 8, 30)))
    for table, column in (
        ("orders", "ordered_at"),
        ("messages", "sent_at"),
        ("sessions", "started_at"),
        ("events", "event_at"),
        ("tickets", "opened_at"),
        ("reviews", "reviewed_at"),
        ("survey_answers", "answered_at"),
        ("sightings", "seen_at"),
        ("subject_requests", "requested_at"),
        ("social_engagements", "engaged_at"),
    ):
        first, last = facts.execute(f"select min({column}), max({column}) from {table}").fetchall()[0]
        assert opening <= first < last < end, table


def test_order_numbers_follow_time_within_a_block(facts: duckdb.DuckDBPyConnection) -> None:
    backwards = """
        select count(*)
        from (
            select ordered_at < lag(ordered_at) over (
                partition by order_number // 1000000000 order by order_number
            ) as is_earlier
            from orders
        )
        where is_earlier
    """
    assert _count(facts, backwards) == 0


def test_every_order_has_lines_and_is_paid_for_in_full_or_given_back(facts: duckdb.DuckDBPyConnection) -> None:
    unpaid = """
        with amounts as (
            select order_number, sum(quantity * unit_price_pence - discount_pence) as amount_pence
            from order_lines
            group by order_number
        ),
        paid as (
            select order_number,
                sum(case payment_status when 'captured' then amount_pence when 'refunded' then -amount_pence else 0 end)
                    as amount_pence
            from payments
            group by order_number
        )
        select count(*)
        from orders
        left join amounts using (order_number)
        left join paid using (order_number)
        where amounts.amount_pence is distinct from paid.amount_pence
            or (order_type = 'return') is distinct from (amounts.amount_pence < 0)
    """
    assert _count(facts, unpaid) == 0


def test_a_return_takes_back_no_more_than_was_sold_to_the_same_person_before(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    wrong = """
        select count(*)
        from orders as returns
        join orders as sales on sales.order_number = returns.original_order_number
        join order_lines as back on back.order_number = returns.order_number
        left join order_lines as sold
            on sold.order_number = sales.order_number
            and sold.product_number = back.product_number
            and sold.quantity = -back.quantity
            and sold.unit_price_pence = back.unit_price_pence
        where sold.order_number is null
            or returns.person_number <> sales.person_number
            or returns.ordered_at <= sales.ordered_at
    """
    assert _count(facts, "select count(*) from orders where order_type = 'return'") > 100
    assert _count(facts, wrong) == 0


def test_prices_paid_are_the_list_prices_of_the_day(facts: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        select count(*)
        from orders
        join order_lines using (order_number)
        asof join product_prices as prices
            on order_lines.product_number = prices.product_number and orders.ordered_at::date >= prices.valid_from_on
        where order_type = 'sale' and prices.list_price_pence <> order_lines.unit_price_pence
    """
    assert _count(facts, wrong) == 0


def test_nothing_is_sold_that_is_out_of_stock(facts: duckdb.DuckDBPyConnection) -> None:
    sold = """
        select count(*)
        from orders
        join order_lines using (order_number)
        join stock
            on stock.store_id = coalesce(orders.store_id, 'S00')
            and stock.product_number = order_lines.product_number
            and stock.stock_on = orders.ordered_at::date
        where order_type = 'sale' and situation <> 'triggered' and not is_first
    """
    assert _count(facts, sold) > 200
    assert _count(facts, f"{sold} and stock.quantity = 0") == 0


def test_only_people_of_a_channel_use_it(facts: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        select count(*)
        from orders
        join people using (person_number)
        where not case channel when 'store' then is_in_pos when 'app' then is_app_user else is_in_shop end
    """
    assert _count(facts, wrong) == 0


def test_sessions_are_recorded_of_those_who_allow_profiling(facts: duckdb.DuckDBPyConnection) -> None:
    forbidden = """
        select count(*)
        from sessions
        join people using (person_number)
        asof left join (select * from consents where purpose = 'profiling') as consents
            on sessions.person_number = consents.person_number and sessions.started_at >= consents.changed_at
        where not is_guest and status is distinct from 'granted'
    """
    assert _count(facts, forbidden) == 0


def test_form_fields_are_named_but_what_was_typed_is_not_kept(facts: duckdb.DuckDBPyConnection) -> None:
    filled = "from events where event_type in ('form_field_filled', 'form_abandoned')"
    assert _count(facts, f"select count(*) {filled} and field is not null") > 100
    assert _count(facts, f"select count(value) {filled}") == 0


def test_rows_of_another_shape_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    store = FactStore(tmp_path)
    with pytest.raises(FactsInvalid, match="household_type"):
        store.write("households", 0, pa.table({"household_id": ["h_1"], "home_number": [1]}))
    rows: dict[str, list[str | int | None]] = {
        "household_id": ["h_1"],
        "household_type": [None],
        "home_number": [1],
    }
    with pytest.raises(FactsInvalid, match="1 rows have no 'household_type'"):
        store.write("households", 0, pa.table(rows))
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_table_that_was_never_written_is_empty_and_typed(tmp_path: Path) -> None:
    with FactStore(tmp_path).connect() as connection:
        for table in FACT_TABLES.values():
            found = connection.execute(f"select * from {table.name}").to_arrow_table()
            assert found.num_rows == 0
            assert found.schema.types == table.schema.types
