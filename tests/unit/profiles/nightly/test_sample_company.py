"""The sample company's columns that hold the same things are found to, and others are not; both shares are printed."""

from datetime import UTC, date, datetime

import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.profiles_policy import ProfilesPolicy
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.ingest.nightly import land_everything
from orchestration.profiles.nightly.night import ProfilesReport, profile_night
from orchestration.sample_company.company import write_sample_company

CUSTOMERS = 400
AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
LIMITS = DuckdbLimits("1GB", 2)

# What the sample company's columns hold, from its contracts and README; first the one that the others refer to.
HOLD_THE_SAME = {
    "e-mail address": (
        "shop/accounts email",
        "shop/orders customer.email",
        "crm/contacts email",
        "loyalty/members email",
        "newsletter/events recipient",
        "pos/receipts receipt_email",
        "surveys/answers respondent",
        "contact_centre/tickets requester.email",
        "consent/changes subject.contactPoint",
    ),
    "phone number": (
        "shop/accounts phone",
        "shop/orders customer.phone",
        "crm/contacts phone",
        "loyalty/members phone",
        "contact_centre/tickets requester.phone",
        "consent/changes subject.contactPoint",
    ),
    "account": (
        "shop/accounts account_id",
        "shop/orders customer.account_id",
        "web/events user_id",
        "offers/attempts account_id",
        "surveys/reviews author.accountId",
        "contact_centre/tickets requester.account_id",
        "consent/changes subject.accountId",
    ),
    "product": (
        "catalogue/products sku",
        "catalogue/stock sku",
        "pos/receipts sku",
        "shop/orders lines[*].sku",
        "surveys/reviews sku",
        "web/events properties.sku",
    ),
    "product name": (
        "catalogue/products product_name",
        "shop/orders lines[*].product_name",
        "web/events properties.query",
    ),
    "offer": (
        "offers/offers offer_id",
        "offers/attempts coupon_code",
        "newsletter/events offer_id",
    ),
    "order": (
        "shop/orders order_id",
        "web/events properties.order_id",
        "offers/attempts order_id",
        "contact_centre/tickets order_ref",
    ),
    "loyalty card": ("loyalty/members card_number", "pos/receipts card_number"),
    "campaign": ("newsletter/events campaign_id", "web/events context.campaign.name"),
    "message": ("newsletter/events message_id", "web/events context.message_id"),
    "postcode": ("shop/accounts address.postcode", "crm/contacts postcode", "loyalty/members postcode"),
    "first name": (
        "shop/accounts first_name",
        "shop/orders customer.first_name",
        "crm/contacts first_name",
        "loyalty/members first_name",
    ),
    "last name": (
        "shop/accounts last_name",
        "shop/orders customer.last_name",
        "crm/contacts last_name",
        "loyalty/members last_name",
    ),
    "city": ("shop/accounts address.city", "crm/contacts city", "loyalty/members city"),
    "employee": ("pos/receipts cashier_id", "catalogue/stock counted_by"),
}
ALSO_TRUE = {
    "order": ("shop/orders original_order_id",),
    "offer": ("shop/orders coupon_code",),
    "loyalty card": ("offers/attempts card_number",),
    "receipt": ("pos/receipts receipt_id", "pos/receipts original_receipt_id", "contact_centre/tickets order_ref"),
    "e-mail address": ("privacy_requests/requests contact",),
    "account": ("crm/contacts company_account_id", "shop/accounts company_account_id"),
    "country": ("shop/orders country", "crm/contacts country", "shop/accounts address.country"),
    "street": ("crm/contacts street", "loyalty/members street", "shop/accounts address.street"),
    "full name": ("contact_centre/tickets requester.name", "privacy_requests/requests name"),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ProfilesReport:
    lake = Lake(tmp_path_factory.mktemp("company"))
    contracts = load_contracts(PROJECT_ROOT / "lake" / "contracts")
    write_sample_company(lake.root / "inbox", customers_count=CUSTOMERS)
    land_everything(lake, contracts, run_id="run", ingested_at=AT, timezone="Europe/London", limits=LIMITS)
    return profile_night(
        lake, contracts.feeds(), ProfilesPolicy(), as_of_on=date(2026, 6, 30), run_id="run", at=AT, limits=LIMITS
    )


def _found(report: ProfilesReport) -> set[tuple[str, str]]:
    return {
        (
            f"{row['source']}/{row['feed']} {row['column_name']}",
            f"{row['found_in_source']}/{row['found_in_feed']} {row['found_in_column_name']}",
        )
        for row in report.joins.to_pylist()
    }


def test_columns_that_refer_to_the_same_things_are_joined_and_no_others(report: ProfilesReport) -> None:
    found = _found(report)
    told = {frozenset(pair) for pair in found}
    expected = {frozenset((columns[0], other)) for columns in HOLD_THE_SAME.values() for other in columns[1:]}
    things = {
        column: {
            thing for listed in (HOLD_THE_SAME, ALSO_TRUE) for thing, columns in listed.items() if column in columns
        }
        for pair in found
        for column in pair
    }
    wrong = sorted(pair for pair in found if not things[pair[0]] & things[pair[1]])
    missed = sorted(sorted(pair) for pair in expected - told)
    precision, recall = 1 - len(wrong) / len(found), 1 - len(missed) / len(expected)
    print(f"joins found {len(found)}, precision {precision:.3f}, recall {recall:.3f} of {len(expected)}")  # noqa: T201
    assert precision >= 0.95, wrong
    assert recall >= 0.95, missed


def test_what_is_personal_by_contract_is_so_in_the_profile_and_no_address_is_in_it(report: ProfilesReport) -> None:
    rows = report.columns.to_pylist()
    kinds = {f"{row['source']}/{row['feed']} {row['column_name']}": (row["pii"], row["value_kind"]) for row in rows}
    assert kinds["crm/contacts email"] == kinds["shop/orders customer.email"] == ("direct", "email")
    assert kinds["crm/contacts phone"] == ("direct", "phone")
    assert kinds["shop/orders ordered_at"] == ("none", "timestamp")
    assert kinds["pos/receipts unit_price"] == ("none", "amount")
    assert len({(row["source"], row["feed"]) for row in rows}) >= 18
    assert all(row["categories_json"] is None for row in rows if row["pii"] != "none")
