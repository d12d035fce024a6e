"""What the staging gate claims of the rows that were kept, source by source: in range, on their scale, well formed.

That a key stands in one row is dbt's `unique` test, which is faster over whole tables. What is true of every feed's
fates is `staging`'s.
"""

from collections.abc import Iterator

from orchestration.foundation.contracts import Contracts
from orchestration.quality.declarations import Check, FactSpec, NoRows, all_match, between, not_null, one_of

EMAIL_PATTERN = r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"
E164_PATTERN = r"\+[1-9][0-9]{6,14}"
COUNTRY_PATTERN = "[A-Z]{2}"
CARD_PATTERN = "[0-9]{16}"


def things(contracts: Contracts) -> tuple[FactSpec, ...]:
    """Return the facts about every thing that the sources beside CRM and orders tell of."""
    return (
        *_shop_and_tills(),
        *_loyalty(),
        *_catalogue(),
        *_messages_and_clicks(contracts),
        *_service_and_opinions(),
        *_offers(contracts),
        *_places_and_money(),
        *_rights(contracts),
    )


def contact_points(model: str, row_key: str, *, email: str = "", phone: str = "", country: str = "") -> list[FactSpec]:
    """Return the facts that the contact points of a vault table are well formed, for the columns that are named."""
    declared = (
        (
            email,
            "emails_are_well_formed",
            "An e-mail address that was kept is normalised and has a domain.",
            EMAIL_PATTERN,
        ),
        (phone, "phones_are_e164", "A phone number that was kept is in E.164 form.", E164_PATTERN),
        (country, "countries_are_iso_codes", "A country that was kept is an ISO 3166-1 alpha-2 code.", COUNTRY_PATTERN),
    )
    return [
        fact(f"vault.{model}", sentence, description, all_match(column, pattern, row_key))
        for column, sentence, description, pattern in declared
        if column
    ]


def fact(table: str, sentence: str, description: str, *checks: Check) -> FactSpec:
    """Return one fact about a staging table, carried by the asset of that name."""
    return FactSpec(table, sentence, description, ("staging", table.split(".")[1]), checks)


def _cards(table: str, row_key: str) -> FactSpec:
    checks = all_match("card_number", CARD_PATTERN, row_key)
    return fact(
        table, "cards_have_sixteen_digits", "A card that was kept has all its digits, leading zeros too.", checks
    )


def _shop_and_tills() -> Iterator[FactSpec]:
    yield from contact_points(
        "stg_shop__accounts", "account_id_shop", email="email", phone="phone", country="country_code"
    )
    yield fact(
        "staging.stg_shop__order_payments",
        "payments_are_captured_failed_or_refunded",
        "A payment has one of the three ends.",
        *not_null("payment_status"),
        one_of("payment_status", "captured", "failed", "refunded"),
    )
    yield fact(
        "staging.stg_pos__receipt_lines",
        "amounts_multiply_out",
        "A line's amount is its quantity times its unit price less its discount, to the penny.",
        *not_null("quantity", "unit_price", "line_amount"),
        between("unit_price", 0, "$unit_price_at_most"),
        NoRows(
            "select receipt_line_id as key from $batch where quantity = 0 "
            "or abs(line_amount - (quantity * unit_price - discount_amount)) > 0.005"
        ),
    )
    yield _cards("vault.stg_pos__receipts", "receipt_id_pos")
    yield from contact_points("stg_pos__receipts", "receipt_id_pos", email="receipt_email")


def _loyalty() -> Iterator[FactSpec]:
    yield _cards("vault.stg_loyalty__members", "row_id")
    yield from contact_points("stg_loyalty__members", "row_id", email="email", phone="phone")
    yield fact(
        "vault.stg_loyalty__member_repairs",
        "every_repair_keeps_what_was_received",
        "A cell that was repaired is kept as it came, with the reason.",
        *not_null("value_before", "repair_reason_code"),
    )


def _catalogue() -> Iterator[FactSpec]:
    yield fact(
        "staging.stg_catalogue__products",
        "list_prices_are_above_zero",
        "Nothing is given away by its list price.",
        NoRows("select sku as key from $batch where not coalesce(list_price_amount > 0, false)"),
    )
    yield fact(
        "staging.stg_catalogue__stock",
        "stock_is_never_negative",
        "No shelf holds less than nothing.",
        *not_null("quantity"),
        between("quantity", 0),
    )


def _messages_and_clicks(contracts: Contracts) -> Iterator[FactSpec]:
    newsletter = contracts["newsletter"].feeds["events"].columns["event_type"].accepted_values
    yield fact(
        "staging.stg_newsletter__events",
        "every_event_is_of_a_known_type_and_campaign",
        "What happened to a message is one of what the contract knows, at a known instant, for a campaign.",
        *not_null("event_type", "happened_at", "campaign_id"),
        one_of("event_type", *newsletter),
    )
    yield fact(
        "staging.stg_web__events",
        "every_event_has_its_type_device_and_instant",
        "A web event says what happened, where and when.",
        *not_null("event_type", "device_id", "occurred_at"),
    )
    yield fact(
        "staging.stg_web__events",
        "clicks_lie_on_the_page",
        "No click lies left of a page or above it.",
        between("x_px", 0),
        between("y_px", 0),
    )


def _service_and_opinions() -> Iterator[FactSpec]:
    tickets = "stg_contact_centre__tickets"
    yield fact(
        f"vault.{tickets}",
        "no_ticket_closes_before_it_opens",
        "A ticket is settled after the customer came.",
        NoRows("select ticket_id_contact_centre as key from $batch where closed_at < opened_at"),
    )
    yield from contact_points(tickets, "ticket_id_contact_centre", email="email", phone="phone")
    yield fact(
        "vault.stg_surveys__answers",
        "scores_lie_on_their_scale",
        "A score lies between 0 and 10 for nps and between 1 and 5 for csat.",
        NoRows(
            "select response_id_surveys as key from $batch where (survey_type = 'nps' and score not between 0 and 10) "
            "or (survey_type = 'csat' and score not between 1 and 5)"
        ),
    )
    yield from contact_points("stg_surveys__answers", "response_id_surveys", email="email")
    yield fact(
        "vault.stg_surveys__reviews",
        "stars_lie_between_one_and_five",
        "A review has one to five stars.",
        *not_null("star_rating"),
        between("star_rating", 1, 5),
    )


def _offers(contracts: Contracts) -> Iterator[FactSpec]:
    outcomes = contracts["offers"].feeds["attempts"].columns["outcome"].accepted_values
    yield fact(
        "staging.stg_offers__offers",
        "discounts_are_shares_and_days_are_in_order",
        "An offer takes off more than nothing and at most everything, and ends after it begins.",
        *not_null("discount_share"),
        between("discount_share", 0, 1),
        NoRows("select offer_id as key from $batch where not coalesce(starts_on <= ends_on, false)"),
    )
    yield fact(
        "staging.stg_offers__attempts",
        "every_attempt_was_redeemed_or_denied",
        "An attempt to use a coupon ended in one of the ways that the contract knows.",
        *not_null("outcome", "attempted_at"),
        one_of("outcome", *outcomes),
    )
    yield _cards("staging.stg_offers__attempts", "attempt_id_offers")


def _places_and_money() -> Iterator[FactSpec]:
    yield fact(
        "staging.stg_sightings__sightings",
        "nobody_stays_for_less_than_nothing",
        "A device was seen at an instant and stayed for no negative time.",
        *not_null("device_hash", "seen_at", "dwell_seconds"),
        between("dwell_seconds", 0),
    )
    yield fact(
        "staging.stg_ads__spend",
        "spend_is_never_negative",
        "No advertisement earns money back by itself.",
        *not_null("spend_amount"),
        between("spend_amount", 0),
    )
    yield fact(
        "staging.stg_reference__postcodes",
        "areas_lie_on_earth",
        "The centre of an area has a longitude and latitude that exist.",
        between("longitude_deg", -180, 180),
        between("latitude_deg", -90, 90),
        between("urban_share", 0, 1),
    )


def _rights(contracts: Contracts) -> Iterator[FactSpec]:
    columns = contracts["consent"].feeds["changes"].columns
    yield fact(
        "vault.stg_consent__changes",
        "consents_say_what_for_by_which_channel_and_how",
        "A change of consent names purpose, channel and status as the contract knows them, and its instant.",
        *not_null("purpose", "channel", "consent_status", "changed_at"),
        one_of("purpose", *columns["purpose"].accepted_values),
        one_of("channel", *columns["channel"].accepted_values),
        one_of("consent_status", *columns["status"].accepted_values),
    )
    requests = "stg_privacy_requests__requests"
    yield fact(
        f"vault.{requests}",
        "every_request_names_its_right_and_day",
        "A request of a data subject says which right it is and when the time to answer began.",
        *not_null("request_type", "received_at"),
    )
    yield from contact_points(requests, "request_id_privacy_requests", email="email", phone="phone")
    social = contracts["social"].feeds["engagements"].columns["engagement_type"].accepted_values
    yield fact(
        "vault.stg_social__engagements",
        "engagements_are_of_a_known_type",
        "What a person did in a network is one of what the contract knows.",
        *not_null("engagement_type", "engaged_at"),
        one_of("engagement_type", *social),
    )
