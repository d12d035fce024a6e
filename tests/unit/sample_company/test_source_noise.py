"""For every feed: the accidents of records that the truth names are those that a reader finds in the file."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from orchestration.sample_company.noise import NOISE, RECORD
from tests.support.sample_files import Company, object_of, repetitions

Found = dict[str, int]
LATEST = "2026-07-01"


def _csv(
    company: Company, feed: str, delimiter: str, *, encoding: str = "utf-8", **kinds: Callable[[list[str]], bool]
) -> Found:
    """Count accidents of a CSV file; records without its shape count by their cells only."""
    cells = company.cells(feed, delimiter, encoding)
    width = len(company.text(feed, encoding).splitlines()[0].split(delimiter))
    whole = [row for row in cells if len(row) == width]
    found = {
        "too_many_separators": sum(len(row) > width for row in cells),
        "too_few_separators": sum(len(row) < width for row in cells),
        "line_repeated": repetitions(cells),
    }
    return found | {name: sum(map(is_hit, whole)) for name, is_hit in kinds.items()}


def _ndjson(company: Company, feed: str, **kinds: Callable[[dict[str, object]], bool]) -> Found:
    lines = company.text(feed).splitlines()
    objects = company.objects(feed)
    found = {
        "line_cut_off": sum(object_of(line) is None for line in lines),
        "line_repeated": repetitions(lines),
    }
    return found | {name: sum(map(is_hit, objects)) for name, is_hit in kinds.items()}


def _crm(company: Company) -> Found:
    return _csv(company, "crm/contacts", ";", encoding="cp1252", contact_id_missing=lambda row: row[0] == "")


def _orders(company: Company) -> Found:
    return _ndjson(
        company,
        "shop/orders",
        order_id_missing=lambda order: order["order_id"] is None,
        price_negative=lambda order: any(Decimal(line["unit_price"]) < 0 for line in order["lines"]),  # type: ignore[attr-defined]
        currency_unknown=lambda order: order["currency"] != "GBP",
        date_in_future=lambda order: str(order["ordered_at"]) > LATEST,
    )


def _accounts(company: Company) -> Found:
    return _ndjson(
        company,
        "shop/accounts",
        account_id_missing=lambda account: account["account_id"] is None,
        updated_before_created=lambda account: str(account["updated_at"]) < str(account["created_at"]),
    )


def _receipts(company: Company) -> Found:
    lines = company.table("pos/receipts")
    return {
        "sku_missing": sum(line["sku"] is None for line in lines),
        "quantity_zero": sum(line["quantity"] == 0 for line in lines),
        "date_in_future": sum(line["sold_at"].isoformat() > LATEST for line in lines),
        "line_repeated": repetitions(lines),
    }


def _newsletter(company: Company) -> Found:
    return _csv(
        company,
        "newsletter/events",
        ",",
        event_id_missing=lambda row: row[0] == "",
        event_type_unknown=lambda row: row[1] == "Processed",
        date_impossible=lambda row: row[2].startswith("02/30/"),
    )


def _consent(company: Company) -> Found:
    return _ndjson(
        company,
        "consent/changes",
        contact_point_missing=lambda change: change["subject"]["contactPoint"] is None,  # type: ignore[index]
        status_unknown=lambda change: change["status"] == "maybe",
    )


def _web(company: Company) -> Found:
    return _ndjson(
        company,
        "web/events",
        message_id_missing=lambda event: event["messageId"] is None,
        event_unknown=lambda event: event["event"] == "xyz_test",
        timestamp_invalid=lambda event: str(event["timestamp"]).startswith("0000-"),
    )


def _products(company: Company) -> Found:
    return _csv(
        company,
        "catalogue/products",
        ",",
        sku_missing=lambda row: row[0] == "",
        price_not_a_number=lambda row: row[4] == "POA",
    )


def _stock(company: Company) -> Found:
    counts = company.table("catalogue/stock")
    return {
        "sku_missing": sum(count["sku"] is None for count in counts),
        "quantity_negative": sum(count["quantity"] < 0 for count in counts),
        "line_repeated": repetitions(counts),
    }


def _offers(company: Company) -> Found:
    def is_reversed(row: list[str]) -> bool:
        starts_on, ends_on = (datetime.strptime(cell, "%d/%m/%Y") for cell in row[4:6])  # noqa: DTZ007 - a day
        return ends_on < starts_on

    return _csv(company, "offers/offers", ";", dates_reversed=is_reversed)


def _attempts(company: Company) -> Found:
    return _csv(
        company,
        "offers/attempts",
        ",",
        attempt_id_missing=lambda row: row[0] == "",
        outcome_missing=lambda row: row[7] == "",
    )


def _tickets(company: Company) -> Found:
    def is_closed_before_opened(ticket: dict[str, object]) -> bool:
        closed_at = ticket["closed_at"]
        opened_at = datetime.fromisoformat(str(ticket["opened_at"]))
        return closed_at is not None and datetime.fromisoformat(str(closed_at)) < opened_at

    return _ndjson(
        company,
        "contact_centre/tickets",
        ticket_id_missing=lambda ticket: ticket["ticket_id"] is None,
        closed_before_opened=is_closed_before_opened,
    )


def _answers(company: Company) -> Found:
    return _csv(
        company,
        "surveys/answers",
        ";",
        response_id_missing=lambda row: row[0] == "",
        score_out_of_range=lambda row: row[5] in ("11", "99"),
    )


def _reviews(company: Company) -> Found:
    return _ndjson(
        company,
        "surveys/reviews",
        review_id_missing=lambda review: review["reviewId"] is None,
        rating_out_of_range=lambda review: review["rating"] in (0, 6),
    )


def _sightings(company: Company) -> Found:
    return _csv(
        company,
        "sightings/sightings",
        ",",
        device_hash_missing=lambda row: row[1] == "",
        dwell_negative=lambda row: int(row[6]) < 0,
    )


def _requests(company: Company) -> Found:
    return _csv(company, "privacy_requests/requests", ";", contact_missing=lambda row: row[4] == "")


def _social(company: Company) -> Found:
    return _csv(
        company,
        "social/engagements",
        ",",
        engagement_id_missing=lambda row: row[0] == "",
        type_unknown=lambda row: row[3] == "reaction_98",
    )


def _spend(company: Company) -> Found:
    return _csv(
        company,
        "ads/spend",
        ";",
        encoding="cp1252",
        spend_missing=lambda row: row[3] == "",
        totals_line=lambda row: row[0] == "Total",
    )


def _postcodes(company: Company) -> Found:
    return _csv(company, "reference/postcodes", "\t", postcode_area_missing=lambda row: row[0] == "")


RECOUNTS: dict[str, Callable[[Company], Found]] = {
    "crm/contacts": _crm,
    "shop/orders": _orders,
    "shop/accounts": _accounts,
    "pos/receipts": _receipts,
    "newsletter/events": _newsletter,
    "consent/changes": _consent,
    "web/events": _web,
    "catalogue/products": _products,
    "catalogue/stock": _stock,
    "offers/offers": _offers,
    "offers/attempts": _attempts,
    "contact_centre/tickets": _tickets,
    "surveys/answers": _answers,
    "surveys/reviews": _reviews,
    "sightings/sightings": _sightings,
    "privacy_requests/requests": _requests,
    "social/engagements": _social,
    "ads/spend": _spend,
    "reference/postcodes": _postcodes,
}


def test_every_feed_with_accidents_of_records_is_recounted() -> None:
    # The spreadsheet has tests of its own.
    with_accidents = {feed for feed, fields in NOISE.items() if RECORD in fields}
    assert set(RECOUNTS) == with_accidents - {"loyalty/members"}


@pytest.mark.parametrize("feed", RECOUNTS)
def test_the_accidents_found_in_a_file_are_those_that_the_truth_names(company: Company, feed: str) -> None:
    found = Counter({kind: count for kind, count in RECOUNTS[feed](company).items() if count})
    assert found == company.injected(company.history(feed))


@pytest.mark.parametrize("feed", RECOUNTS)
def test_a_large_file_has_every_kind_of_accident(company: Company, feed: str) -> None:
    history = company.files(feed)[0]
    kinds = set(NOISE[feed][RECORD])
    if history.records_count >= 250:
        assert kinds <= set(company.injected(history.path))


@pytest.mark.parametrize("feed", [*RECOUNTS, "loyalty/members"])
def test_field_noise_comes_about_as_often_as_stated(company: Company, feed: str) -> None:
    records_count = company.files(feed)[0].records_count
    for field, rates in NOISE[feed].items():
        if field == RECORD:
            continue
        injected = company.injected(company.history(feed), field)
        assert set(injected) - set(rates) <= {"stale"}
        # A kind whose record count is large enough to say something is at most twice, plus chance, what is stated.
        for kind, share in rates.items():
            expected = share * records_count
            assert injected[kind] <= 2 * expected + 6 * expected**0.5 + 6, (field, kind)


def test_no_record_key_of_the_truth_is_empty(company: Company) -> None:
    assert all(re.fullmatch(r"\S.*", row["record_key"]) for row in company.truth("noise"))
