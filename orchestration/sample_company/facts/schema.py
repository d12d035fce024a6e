"""The fact tables: their columns, grains and keys.

Belongs here: the shape of what is true. How the rows come about is the other modules of this folder; how a source
writes them down is `sources/`. Instants (`*_at`) are UTC without a zone, days (`*_on`) are calendar days, money is in
pence, and a null means what the column's comment says. Every table is ordered by its key within a file.

Numbers of a block's own rows (orders, messages, sessions …) are `block * ROWS_PER_BLOCK + n`, so that no block needs to
know another; they follow the key's order inside a block, not the clock across blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

ROWS_PER_BLOCK = 1_000_000_000

TEXT = pa.string()
NUMBER = pa.int64()
SMALL = pa.int32()
REAL = pa.float64()
FLAG = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us")


@dataclass(frozen=True)
class FactTable:
    """One table of facts.

    Attributes:
        name: Its folder in the store and its view's name.
        grain: "One row per …".
        key: Columns that identify a row and order a file.
        schema: Columns with types; a column that may be null says so.
        is_company_wide: Whether it is one file, written once, rather than one file per block of people.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    schema: pa.Schema
    is_company_wide: bool = False


@dataclass(frozen=True)
class _Nullable:
    data_type: "pa.DataType"


def _or_null(data_type: "pa.DataType") -> _Nullable:
    return _Nullable(data_type)


def _fact(
    name: str,
    grain: str,
    *,
    key: str,
    columns: "Mapping[str, pa.DataType | _Nullable]",
    is_company_wide: bool = False,
) -> FactTable:
    fields: list[pa.Field[Any]] = [
        pa.field(column, kind.data_type, nullable=True)
        if isinstance(kind, _Nullable)
        else pa.field(column, kind, nullable=False)
        for column, kind in columns.items()
    ]
    return FactTable(name, grain, tuple(key.split()), pa.schema(fields), is_company_wide)


_PEOPLE = (
    _fact(
        "people",
        "One row per person, newcomers of the days after the history included.",
        key="person_number",
        columns={
            "person_number": NUMBER,
            "person_id": TEXT,
            "title": TEXT,
            "first_name": TEXT,  # as the person writes it, in the person's own script
            "last_name": TEXT,  # today's; a name before marriage is in `former_names`
            "first_name_latin": TEXT,
            "last_name_latin": TEXT,
            "nickname": _or_null(TEXT),  # null: goes by the given name
            "gender": TEXT,  # female, male, other
            "birth_on": DAY,
            "language": TEXT,  # BCP 47
            "country_code": TEXT,  # where the person lived when joining; `homes` says where since
            "joined_on": DAY,
            "household_id": TEXT,
            "account_id_company": _or_null(TEXT),  # null: a private customer
            "edge_case": _or_null(TEXT),  # null: nobody special
            "is_in_crm": FLAG,
            "is_in_shop": FLAG,
            "is_in_pos": FLAG,
            "is_in_loyalty": FLAG,
            "is_guest": FLAG,
            "is_app_user": FLAG,
        },
    ),
    _fact(
        "former_names",
        "One row per family name that a person no longer uses.",
        key="person_number valid_to_on",
        columns={
            "person_number": NUMBER,
            "last_name": TEXT,
            "last_name_latin": TEXT,
            "valid_to_on": DAY,  # the day on which today's name begins
        },
    ),
    _fact(
        "households",
        "One row per household.",
        key="household_id",
        columns={"household_id": TEXT, "household_type": TEXT, "home_number": NUMBER},
    ),
    _fact(
        "companies",
        "One row per business customer; its contacts are people with the same `account_id_company`.",
        key="account_id_company",
        columns={"account_id_company": TEXT, "company_name": TEXT, "household_id": TEXT},
    ),
    _fact(
        "homes",
        "One row per person and home that the person has lived in, one after the other.",
        key="person_number valid_from_on",
        columns={
            "person_number": NUMBER,
            "home_number": NUMBER,
            "street": TEXT,
            "house_number": TEXT,
            "city": TEXT,
            "postcode": TEXT,
            "country_code": TEXT,
            "valid_from_on": DAY,
            "valid_to_on": _or_null(DAY),  # null: still lives there
        },
    ),
    _fact(
        "contact_points",
        "One row per person and e-mail address or phone number that reaches the person for some time.",
        key="contact_point_id",
        columns={
            "contact_point_id": NUMBER,
            "person_number": NUMBER,
            "contact_type": TEXT,  # email, phone
            "value": TEXT,  # e-mail in lower case, phone in E.164
            "is_shared": FLAG,  # one value that reaches several people at the same time
            "valid_from_on": DAY,
            "valid_to_on": _or_null(DAY),  # null: still in use
            "previous_person_number": _or_null(NUMBER),  # the stranger who had this number before
        },
    ),
    _fact(
        "devices",
        "One row per device or browser that a person uses.",
        key="device_id",
        columns={
            "device_id": TEXT,
            "person_number": NUMBER,
            "device_type": TEXT,  # web, ios, android
            "valid_from_on": DAY,
            "valid_to_on": _or_null(DAY),
            "wifi_mac_hash": _or_null(TEXT),  # salted sha256 in hex; null for a browser
            "is_shared": FLAG,
            "shared_with_person_number": _or_null(NUMBER),  # who else uses it
        },
    ),
    _fact(
        "loyalty_cards",
        "One row per loyalty card.",
        key="card_number",
        columns={"card_number": TEXT, "person_number": NUMBER, "issued_on": DAY, "store_id": TEXT},
    ),
    _fact(
        "traits",
        "One row per person: the hidden causes of what the person does.",
        key="person_number",
        columns={
            "person_number": NUMBER,
            "purchase_rate_per_day": REAL,  # while alive, before season, gateway lift and life events
            "gateway_lift": REAL,  # factor on the rate after a first basket with a gateway product; else 1
            "dropped_out_on": _or_null(DAY),  # null: alive beyond the calendar
            "drop_out_reason": _or_null(TEXT),
            "is_regular": FLAG,
            "staple_product_number": _or_null(NUMBER),  # what a replenishing buyer comes back for
            "favourite_category": TEXT,
            "favourite_brand": TEXT,
            "price_level": REAL,  # 1 is average
            "return_share": REAL,
            "discount_sensitivity": REAL,
            "channel_preference": TEXT,  # web, app, store
            "message_channel_preference": TEXT,  # email, sms, push
            "preferred_hour": SMALL,
            "preferred_weekday": SMALL,  # 0 is Monday
            "fatigue_threshold_per_week": SMALL,
            "is_tester": FLAG,
        },
    ),
    _fact(
        "life_events",
        "One row per turn in a person's life that changes what the person buys.",
        key="person_number happened_on event_type",
        columns={"person_number": NUMBER, "event_type": TEXT, "happened_on": DAY},
    ),
    _fact(
        "experiences",
        "One row per bad experience that a person had with the company.",
        key="person_number happened_at experience_type",
        columns={
            "person_number": NUMBER,
            "happened_at": INSTANT,
            "experience_type": TEXT,  # a drop-out reason
            "order_number": _or_null(NUMBER),
            "product_number": _or_null(NUMBER),
            "store_id": _or_null(TEXT),
            "campaign_id": _or_null(TEXT),
            "offer_id": _or_null(TEXT),
            "is_decisive": FLAG,  # the person left because of it
        },
    ),
)

_TRADE = (
    _fact(
        "orders",
        "One row per sale or return.",
        key="order_number",
        columns={
            "order_number": NUMBER,
            "person_number": NUMBER,
            "order_type": TEXT,  # sale, return
            "ordered_at": INSTANT,
            "channel": TEXT,  # web, app, store
            "store_id": _or_null(TEXT),  # null: online
            "payment_index": SMALL,  # 0 card, 1 wallet, 2 invoice
            "original_order_number": _or_null(NUMBER),  # the sale that a return takes back
            "coupon_code": _or_null(TEXT),
            "caused_by_message_id": _or_null(NUMBER),  # without this message there would be no such order
            "is_pulled_forward": FLAG,  # caused by a discount, in place of a later order
            "situation": TEXT,  # planned, spontaneous, gift, triggered
            "is_first": FLAG,  # the person's first order ever
        },
    ),
    _fact(
        "order_lines",
        "One row per product of an order; a return's quantities are negative.",
        key="order_number line_number",
        columns={
            "order_number": NUMBER,
            "line_number": SMALL,
            "product_number": NUMBER,
            "quantity": SMALL,
            "unit_price_pence": NUMBER,  # the list price of the day
            "discount_pence": NUMBER,  # off the whole line, with the sign of the quantity
        },
    ),
    _fact(
        "payments",
        "One row per attempt to pay for an order, or money given back.",
        key="payment_id",
        columns={
            "payment_id": NUMBER,
            "order_number": NUMBER,
            "paid_at": INSTANT,
            "amount_pence": NUMBER,
            "payment_method": TEXT,  # card, wallet, invoice, cash
            "payment_status": TEXT,  # captured, failed, refunded
        },
    ),
    _fact(
        "promises",
        "One row per offer promised to a person in a message.",
        key="person_number offer_id",
        columns={"offer_id": TEXT, "person_number": NUMBER, "promised_at": INSTANT, "is_kept": FLAG},
    ),
    _fact(
        "coupon_attempts",
        "One row per attempt to use an offer.",
        key="attempt_id",
        columns={
            "attempt_id": NUMBER,
            "person_number": NUMBER,
            "offer_id": TEXT,
            "attempted_at": INSTANT,
            "channel": TEXT,
            "store_id": _or_null(TEXT),
            "outcome": TEXT,  # redeemed, denied
            "denial_reason": _or_null(TEXT),
            "order_number": _or_null(NUMBER),  # null: denied
        },
    ),
)

_WORDS = (
    _fact(
        "campaign_effects",
        "One row per campaign and person of its audience, treated or held out.",
        key="campaign_id person_number",
        columns={
            "campaign_id": TEXT,
            "person_number": NUMBER,
            "is_holdout": FLAG,
            "starts_at": INSTANT,  # the message's sending, or when it would have been sent
            "true_uplift_probability": REAL,  # that the message adds an order within 14 days of `starts_at`
        },
    ),
    _fact(
        "messages",
        "One row per message sent to a person.",
        key="message_id",
        columns={
            "message_id": NUMBER,
            "campaign_id": TEXT,
            "person_number": NUMBER,
            "channel": TEXT,
            "sent_at": INSTANT,
            "delivered_at": _or_null(INSTANT),  # null: bounced
            "bounce_type": _or_null(TEXT),  # hard, soft
            "opened_at": _or_null(INSTANT),
            "clicked_at": _or_null(INSTANT),
            "unsubscribed_at": _or_null(INSTANT),
            "complained_at": _or_null(INSTANT),
        },
    ),
    _fact(
        "consents",
        "One row per decision of a person about a purpose and channel.",
        key="consent_id",
        columns={
            "consent_id": NUMBER,
            "person_number": NUMBER,
            "contact_point_id": _or_null(NUMBER),  # null: not about a contact point
            "purpose": TEXT,  # marketing, profiling, location, partner_sharing, service
            "channel": TEXT,  # email, sms, push, phone, location
            "status": TEXT,  # granted, denied, withdrawn
            "changed_at": INSTANT,
            "policy_version": TEXT,
            "proof": TEXT,
        },
    ),
    _fact(
        "journeys",
        "One row per stage that a person goes through on the way to a purchase and after it.",
        key="person_number journey_number entered_at",
        columns={
            "person_number": NUMBER,
            "journey_number": NUMBER,
            "stage": TEXT,  # need, research, decision, adoption, use, recommend
            "entered_at": INSTANT,
            "left_at": _or_null(INSTANT),  # null: still there at the end of the calendar
            "outcome": _or_null(TEXT),  # advanced, won, lost
            "category": TEXT,
            "order_number": _or_null(NUMBER),  # the order that the journey led to
        },
    ),
    _fact(
        "sessions",
        "One row per visit to the web shop or the app.",
        key="session_id",
        columns={
            "session_id": NUMBER,
            "person_number": NUMBER,
            "device_id": TEXT,
            "started_at": INSTANT,
            "is_logged_in": FLAG,
            "utm_source": _or_null(TEXT),  # null: came directly
            "utm_medium": _or_null(TEXT),
            "utm_campaign": _or_null(TEXT),
            "entry_message_id": _or_null(NUMBER),
            "ab_variant": TEXT,  # control, treatment
        },
    ),
    _fact(
        "events",
        "One row per thing that happened in a session.",
        key="event_id",
        columns={
            "event_id": NUMBER,
            "session_id": NUMBER,
            "event_at": INSTANT,
            "event_type": TEXT,
            "product_number": _or_null(NUMBER),
            "order_number": _or_null(NUMBER),
            "page_path": TEXT,
            "query": _or_null(TEXT),
            "step": _or_null(TEXT),
            "field": _or_null(TEXT),
            "x": _or_null(SMALL),  # pixels from the left, 0..1919
            "y": _or_null(SMALL),  # pixels from the top of the page, 0..5000
            "value": _or_null(TEXT),
        },
    ),
    _fact(
        "tickets",
        "One row per conversation with the contact centre.",
        key="ticket_id",
        columns={
            "ticket_id": NUMBER,
            "person_number": NUMBER,
            "opened_at": INSTANT,
            "closed_at": INSTANT,
            "channel": TEXT,  # phone, chat, email
            "topic": TEXT,
            "cause_order_number": _or_null(NUMBER),
            "is_service_failure": FLAG,
            "text": TEXT,
        },
    ),
    _fact(
        "survey_answers",
        "One row per answered survey.",
        key="answer_id",
        columns={
            "answer_id": NUMBER,
            "person_number": NUMBER,
            "asked_at": INSTANT,
            "answered_at": INSTANT,
            "survey": TEXT,  # nps, csat, preferences
            "score": _or_null(SMALL),  # nps 0..10, csat 1..5, none for preferences
            "stated_category": _or_null(TEXT),
            "stated_channel": _or_null(TEXT),
            "stated_frequency": _or_null(TEXT),
            "text": _or_null(TEXT),
        },
    ),
    _fact(
        "reviews",
        "One row per product review.",
        key="review_id",
        columns={
            "review_id": NUMBER,
            "person_number": NUMBER,
            "product_number": NUMBER,
            "reviewed_at": INSTANT,
            "stars": SMALL,
            "text": TEXT,
        },
    ),
    _fact(
        "sightings",
        "One row per time that a store's sensor saw a person's phone.",
        key="sighting_id",
        columns={
            "sighting_id": NUMBER,
            "person_number": NUMBER,
            "device_kind": TEXT,  # beacon, wifi
            "store_id": TEXT,
            "zone": TEXT,
            "seen_at": INSTANT,
            "dwell_seconds": SMALL,
            "hash": TEXT,  # another one every day where the phone randomises its address
            "signal_dbm": SMALL,
        },
    ),
    _fact(
        "subject_requests",
        "One row per request of a person about the data held on the person.",
        key="request_id",
        columns={
            "request_id": NUMBER,
            "person_number": NUMBER,
            "request_type": TEXT,
            "requested_at": INSTANT,
            "contact_value": TEXT,
        },
    ),
    _fact(
        "social_engagements",
        "One row per reaction to the company on a social network.",
        key="engagement_id",
        columns={
            "engagement_id": NUMBER,
            "person_number": _or_null(NUMBER),  # null: a stranger
            "network": TEXT,
            "handle": TEXT,
            "engaged_at": INSTANT,
            "engagement_type": TEXT,  # like, comment, share, follow, mention
            "post_id": TEXT,
            "text": _or_null(TEXT),
        },
    ),
)

_COMPANY_WIDE = (
    _fact(
        "catalogue",
        "One row per product.",
        key="product_number",
        columns={
            "product_number": NUMBER,
            "sku": TEXT,
            "product_name": TEXT,
            "category": TEXT,
            "brand": TEXT,
            "list_price_pence": NUMBER,  # when the product was introduced; later ones are in `product_prices`
            "cost_pence": NUMBER,
            "introduced_on": DAY,
            "is_gateway": FLAG,  # raises the later rate of those whose first basket holds it
            "replenishment_days": _or_null(SMALL),  # null: is not used up
        },
        is_company_wide=True,
    ),
    _fact(
        "product_prices",
        "One row per product and day from which a list price holds.",
        key="product_number valid_from_on",
        columns={"product_number": NUMBER, "list_price_pence": NUMBER, "valid_from_on": DAY},
        is_company_wide=True,
    ),
    _fact(
        "stores",
        "One row per store; the first is the warehouse that the web shop and the app sell from.",
        key="store_id",
        columns={
            "store_id": TEXT,
            "store_name": TEXT,
            "city": TEXT,
            "postcode": TEXT,
            "country_code": TEXT,
            "zones": pa.list_(pa.string()),
        },
        is_company_wide=True,
    ),
    _fact(
        "stock",
        "One row per store, product and counted day: weekly, and daily from 14 days before the history's end.",
        key="stock_on store_id product_number",
        columns={"store_id": TEXT, "product_number": NUMBER, "stock_on": DAY, "quantity": SMALL},
        is_company_wide=True,
    ),
    _fact(
        "campaigns",
        "One row per campaign.",
        key="campaign_id",
        columns={
            "campaign_id": TEXT,
            "campaign_name": TEXT,
            "channel": TEXT,
            "stage_target": TEXT,
            "topic": TEXT,
            "category": TEXT,
            "offer_id": _or_null(TEXT),  # null: no offer in it
            "holdout_share": REAL,
            "starts_on": DAY,
        },
        is_company_wide=True,
    ),
    _fact(
        "offers",
        "One row per offer.",
        key="offer_id",
        columns={
            "offer_id": TEXT,
            "offer_name": TEXT,
            "category": TEXT,
            "discount_share": REAL,
            "starts_on": DAY,
            "ends_on": DAY,
            "quota": NUMBER,
            "min_basket_pence": NUMBER,
            "conditions_text": TEXT,
            "is_online_only": FLAG,
        },
        is_company_wide=True,
    ),
    _fact(
        "ad_spend",
        "One row per advertising campaign and day.",
        key="spend_on ad_campaign",
        columns={
            "spend_on": DAY,
            "ad_campaign": TEXT,
            "channel": TEXT,
            "spend_pence": NUMBER,
            "impressions": NUMBER,
            "clicks": NUMBER,
        },
        is_company_wide=True,
    ),
    _fact(
        "postcodes",
        "One row per postcode area, with what a statistics office would publish about it.",
        key="country_code postcode_area",
        columns={
            "postcode_area": TEXT,
            "country_code": TEXT,
            "population_count": NUMBER,
            "median_income_band": SMALL,  # 1 lowest to 10 highest
            "urban_rate": REAL,
            "longitude": REAL,
            "latitude": REAL,
        },
        is_company_wide=True,
    ),
)

FACT_TABLES: Mapping[str, FactTable] = {table.name: table for table in (*_PEOPLE, *_TRADE, *_WORDS, *_COMPANY_WIDE)}
