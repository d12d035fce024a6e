"""The web page as people use it: the graph, a table with its columns, its checks, a run, and a launch."""

import re
from typing import TYPE_CHECKING

import duckdb
import pytest

from orchestration.publish.swap import published
from tests.browser.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.night]

GROUPS = ("inbox", "raw", "ledger", "quarantine", "standardise", "warehouse", "reference", "staging", "identity")
LATER_GROUPS = ("customer", "insight", "serving", "publish", "privacy")
_RUN_SECONDS = 90


def test_the_graph_is_one_piece_of_all_stages(page: "Page") -> None:
    page.goto("/asset-groups")
    for group in (*GROUPS, *LATER_GROUPS):
        page.get_by_text(group, exact=True).first.wait_for()
    page.get_by_role("button", name=re.compile("Materialize all")).wait_for()


def test_a_table_says_what_it_is_whose_it_is_how_large_and_from_what(page: "Page", site: Site) -> None:
    with duckdb.connect(site.lake / "serving" / "genome.duckdb", read_only=True) as connection:
        [(rows,)] = connection.execute("select count(*) from mart_customer_360").fetchall()
    page.goto("/assets/serving/mart_customer_360")
    page.get_by_text("One row per customer, as known this night").first.wait_for()
    page.get_by_text("data-platform").first.wait_for()
    page.get_by_text("Row count").wait_for()
    page.get_by_text(f"{rows:,}", exact=True).first.wait_for()
    source = page.get_by_role("link", name="fct_orders.net_revenue_amount").first
    source.click()
    page.wait_for_url("**/assets/customer/fct_orders")
    page.get_by_text("One row per order").first.wait_for()


def test_a_feed_shows_its_contract_and_its_freshness_with_numbers_over_time(page: "Page") -> None:
    page.goto("/assets/raw/crm/contacts?view=checks&checkDetail=feed_is_fresh")
    page.get_by_text("This is a non-blocking asset check").wait_for()
    page.get_by_text("a feed that is late warns and stops nothing").first.wait_for()
    page.get_by_text("Passed", exact=True).first.wait_for()
    page.get_by_text("days_without_a_file").nth(1).wait_for()
    page.get_by_text("values_parse_as_their_type").first.click()
    page.get_by_text("highest_share").nth(1).wait_for()
    page.goto("/assets/raw/crm/contacts")
    page.get_by_text("pii: direct").first.wait_for()


def test_the_published_database_shows_whether_it_is_of_last_night(page: "Page") -> None:
    page.goto("/assets/publish/serving_database")
    page.get_by_text("Freshness policy").first.wait_for()
    page.get_by_text("Fresh if materialized no earlier than 4 hours before each deadline.").wait_for()


def test_the_night_is_listed_under_its_job_and_shows_its_steps(page: "Page", site: Site) -> None:
    build = published(site.lake / "serving")
    assert build is not None
    page.goto("/locations/consumer_genome/jobs/nightly/runs")
    page.get_by_text(build.build_id[:8]).first.click()
    page.wait_for_url(f"**/runs/{build.build_id}*")
    page.get_by_text("Success", exact=True).first.wait_for()
    page.get_by_text("dbt_block_staging").first.wait_for()
    page.get_by_text('Finished execution of run for "nightly".').wait_for()


def test_a_table_is_made_anew_from_the_page(page: "Page") -> None:
    page.goto("/assets/identity/golden_history")
    page.get_by_text("Materialize", exact=True).click()
    page.get_by_text("View", exact=True).click()
    page.wait_for_url("**/runs/*")
    page.get_by_text("Success", exact=True).first.wait_for(timeout=_RUN_SECONDS * 1000)
    page.get_by_text("Materialized value identity golden_history.").wait_for()
