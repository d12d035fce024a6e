import json
from decimal import Decimal

from tests.support.sample_files import Company, Row, object_of, read_text


def _orders(company: Company) -> list[Row]:
    return [order for order in company.objects("shop/orders") if order["order_id"]]


def test_returns_are_negative_and_point_at_a_sale_of_the_same_person(company: Company) -> None:
    persons = {row["order_id"]: row["person_id"] for row in company.truth("orders")}
    returns = [order for order in _orders(company) if order["order_type"] == "return"]
    assert returns
    for order in returns:
        assert all(line["quantity"] < 0 for line in order["lines"])
        assert persons["shop:" + order["order_id"]] == persons["shop:" + order["original_order_id"]]


def test_a_correction_sends_the_same_order_again_with_a_later_update(company: Company) -> None:
    updates: dict[str, set[str]] = {}
    for order in _orders(company):
        updates.setdefault(order["order_id"], set()).add(order["updated_at"])
    corrected = [instants for instants in updates.values() if len(instants) > 1]
    assert corrected
    assert all(len(instants) == 2 for instants in corrected)


def test_orders_gain_the_sales_channel_half_way_through_the_history(company: Company) -> None:
    early = [order for order in _orders(company) if order["ordered_at"] < "2025-07-01"]
    late = [order for order in _orders(company) if "2025-07-01" <= order["ordered_at"] < "2026-07-01"]
    assert early
    assert all("sales_channel" not in order for order in early)
    assert {order["sales_channel"] for order in late} == {"web_shop", "mobile_app", "telesales"}


def test_a_later_night_brings_only_orders_that_were_not_sent_before(company: Company) -> None:
    files = [file for file in company.files("shop/orders") if "_again" not in file.path.name]
    sent = [
        {
            (order["order_id"], order["updated_at"])
            for line in read_text(file.path).splitlines()
            if (order := object_of(line))
        }
        for file in files
    ]
    assert len(sent) > 1
    for number, later in enumerate(sent[1:], start=1):
        assert later.isdisjoint(set().union(*sent[:number]))


def test_what_was_captured_pays_for_the_lines(company: Company) -> None:
    corrected = {
        row["record_key"].partition(":")[0] for row in company.truth("noise") if row["noise_type"] == "corrected_later"
    }
    checked_count = 0
    for order in _orders(company):
        captured = sum(Decimal(p["amount"]) for p in order["payments"] if p["status"] == "captured")
        prices = [Decimal(line["unit_price"]) for line in order["lines"]]
        if order["order_type"] == "sale" and captured and min(prices) >= 0 and order["order_id"] not in corrected:
            total = sum(
                Decimal(p["unit_price"]) * p["quantity"] - Decimal(p["discount_amount"]) for p in order["lines"]
            )
            assert captured == total
            checked_count += 1
    assert checked_count > 100


def test_an_account_writes_its_owner_alike_in_orders_and_between_them(company: Company) -> None:
    names: dict[tuple[str, str | None, str | None], set[tuple[str, str]]] = {}
    for order in _orders(company):
        customer = order["customer"]
        if customer["account_id"]:
            key = (customer["account_id"], customer["email"], customer["phone"])
            names.setdefault(key, set()).add((customer["first_name"], customer["last_name"]))
    married = {row["person_number"] for row in company.truth("former_names")}
    several = [key for key, written in names.items() if len(written) > 1]
    assert len(several) <= len(married)


def test_guests_have_no_account_and_accounts_are_known(company: Company) -> None:
    accounts = {account["account_id"] for account in company.objects("shop/accounts")}
    ordering = {order["customer"]["account_id"] for order in _orders(company)}
    assert None in ordering
    cut_off_count = company.injected(company.history("shop/accounts")).total()
    assert len(ordering - accounts - {None}) <= cut_off_count


def test_names_stand_in_the_shop_in_their_own_letters(company: Company) -> None:
    written = json.dumps([order["customer"] for order in _orders(company)], ensure_ascii=False)
    assert any("\N{GREEK SMALL LETTER ALPHA}" <= letter <= "\N{GREEK SMALL LETTER OMEGA}" for letter in written)
    assert any("\N{CYRILLIC SMALL LETTER A}" <= letter <= "\N{CYRILLIC SMALL LETTER YA}" for letter in written)


def test_a_coupon_of_an_order_names_an_offer(company: Company) -> None:
    coupons = {order["coupon_code"] for order in _orders(company)} - {None}
    assert coupons
    assert {coupon.lower() for coupon in coupons} <= {row["offer_id"] for row in company.truth("offers")}
