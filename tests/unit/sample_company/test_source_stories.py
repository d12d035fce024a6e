"""What each of the other sources must be true to, beyond its noise."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

from tests.support.sample_files import Company, object_of, read_text


def test_tills_write_local_time(company: Company) -> None:
    instants = {row["order_id"]: row["ordered_at"] for row in company.truth("orders")}
    offsets = {
        line["sold_at"] - instants[f"pos:{line['receipt_id']}"]
        for line in company.table("pos/receipts")
        if line["sold_at"].year <= 2026
    }
    # Greenwich, summer time, and tills an hour ahead of both.
    assert offsets == {timedelta(hours=hours) for hours in (0, 1, 2)}


def test_a_buyer_in_a_store_is_known_by_card_or_address_or_not_at_all(company: Company) -> None:
    lines = company.table("pos/receipts")
    known = {(line["card_number"] is not None, line["receipt_email"] is not None) for line in lines}
    assert known == {(False, False), (False, True), (True, False), (True, True)}


def test_nothing_happens_to_a_message_before_it_is_sent(company: Company) -> None:
    instants: dict[str, dict[str, datetime]] = {}
    for row in company.rows("newsletter/events", ","):
        if row["message_id"] and row["event_type"] != "Processed" and not row["event_at"].startswith("02/30"):
            happened_at = datetime.strptime(row["event_at"], "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007 - said to be UTC
            instants.setdefault(row["message_id"], {})[row["event_type"]] = happened_at
    assert {"sent", "opened", "clicked"} <= {kind for found in instants.values() for kind in found}
    for found in instants.values():
        assert found.get("sent", min(found.values())) == min(found.values())


def test_whoever_is_held_out_of_a_campaign_gets_no_message_of_it(company: Company) -> None:
    rows = company.rows("newsletter/events", ",")
    held_out = {(row["campaign_id"], row["recipient"]) for row in rows if row["event_type"] == "held_out"}
    effects = {
        (row["campaign_id"], row["person_number"]) for row in company.truth("campaign_effects") if row["is_holdout"]
    }
    messages = {(row["campaign_id"], row["person_number"]) for row in company.truth("messages")}
    assert held_out
    assert effects.isdisjoint(messages)


def test_a_device_with_a_wrong_clock_is_told_by_sent_at_and_right_in_timestamp(company: Company) -> None:
    skewed = {
        row["record_key"]
        for row in company.truth("noise")
        if (row["feed"], row["noise_type"]) == ("events", "clock_skew")
    }
    differing = {
        event["messageId"]
        for event in company.objects("web/events")
        if event["messageId"]
        and not event["timestamp"].startswith("0000")
        and event["timestamp"] != event["originalTimestamp"]
    }
    assert differing
    assert differing <= skewed


def test_events_carry_source_ids_and_never_contact_points(company: Company) -> None:
    text = company.text("web/events")
    values = {row["value"] for row in company.truth("contact_points")}
    words = set(re.findall(r'"([^"]+)"', text))
    assert values.isdisjoint(words)
    assert any(event["userId"] for event in company.objects("web/events"))


def test_consent_is_withdrawn_in_the_middle_of_the_history(company: Company) -> None:
    changes = company.objects("consent/changes")
    withdrawn = [change["changedAt"] for change in changes if change["status"] == "withdrawn"]
    middle = range(1_735_689_600_000, 1_767_225_600_000)  # the year 2025
    assert any(instant in middle for instant in withdrawn)
    assert {change["subject"]["contactType"] for change in changes} >= {"email", "phone"}


def test_the_price_list_holds_earlier_prices_too(company: Company) -> None:
    prices: dict[str, list[str]] = {}
    for row in company.rows("catalogue/products", ","):
        prices.setdefault(row["sku"], []).append(row["list_price"])
    assert any(len(set(found)) > 1 for sku, found in prices.items() if sku)


def test_stock_is_counted_every_day_at_the_end_and_weekly_before(company: Company) -> None:
    days = sorted({count["stock_on"] for count in company.table("catalogue/stock")})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    assert gaps[0] == 7
    assert gaps[-10:] == [1] * 10


def test_denied_coupons_say_why_and_redeemed_ones_name_their_order(company: Company) -> None:
    rows = [row for row in company.rows("offers/attempts", ",") if row["outcome"]]
    assert {row["outcome"] for row in rows} == {"redeemed", "denied"}
    for row in rows:
        assert bool(row["denial_reason"]) == (row["outcome"] == "denied")
        assert bool(row["order_id"]) == (row["outcome"] == "redeemed")


def test_an_open_ticket_is_sent_again_when_it_closes(company: Company) -> None:
    states: dict[str, list[str]] = {}
    for file in company.files("contact_centre/tickets"):
        if "_again" not in file.path.name:
            for line in dict.fromkeys(read_text(file.path).splitlines()):
                ticket = object_of(line)
                if ticket and ticket["ticket_id"]:
                    states.setdefault(ticket["ticket_id"], []).append(ticket["status"])
    assert all(found in (["closed"], ["open"], ["open", "closed"]) for found in states.values())
    assert any(found[0] == "closed" for found in states.values())


def test_free_text_comes_in_several_languages_and_may_hold_an_address(company: Company) -> None:
    tickets = company.objects("contact_centre/tickets")
    assert len({ticket["language"] for ticket in tickets}) > 3
    assert any("@" in ticket["transcript"] for ticket in tickets)


def test_spend_of_a_day_is_restated_until_it_is_final(company: Company) -> None:
    known: dict[tuple[str, str], list[int]] = {}
    for file in company.files("ads/spend"):
        if "_again" not in file.path.name:
            for line in read_text(file.path, "cp1252").splitlines()[1:-1]:
                cells = line.split(";")
                if cells[0].endswith("06.2026") and cells[3]:
                    pence = int(re.sub(r"\D", "", cells[3]))
                    spent = known.setdefault((cells[0], cells[1]), [])
                    spent += [] if spent[-1:] == [pence] else [pence]
    restated = [spent for (day, _), spent in known.items() if day in ("29.06.2026", "30.06.2026")]
    assert any(len(spent) > 1 for spent in restated)
    assert all(spent == sorted(spent) for spent in restated)


def test_strangers_take_part_in_social_networks(company: Company) -> None:
    persons = {row["person_number"] for row in company.truth("social_engagements")}
    assert None in persons
    assert len(persons) > 1


def test_swapped_coordinates_lie_outside_europe(company: Company) -> None:
    swapped = company.injected(company.history("reference/postcodes"), "coordinates")["swapped"]
    far = [row for row in company.rows("reference/postcodes", "\t") if float(row["latitude"]) < 34]
    assert len(far) >= swapped > 0


def test_requests_about_personal_data_name_a_person_and_a_contact_point(company: Company) -> None:
    rows = company.rows("privacy_requests/requests", ";")
    assert rows
    assert all(row["name"] for row in rows)
