"""Tables of what people buy and why."""

from orchestration.sample_company.facts.fact_table import (
    DAY,
    FLAG,
    INSTANT,
    NUMBER,
    REAL,
    SMALL,
    TEXT,
    FactTable,
    fact,
    or_null,
)

TRADE_TABLES: tuple[FactTable, ...] = (
    fact(
        "traits",
        "One row per person: the hidden causes of what the person does.",
        key="person_number",
        columns={
            "person_number": NUMBER,
            "purchase_rate_per_day": REAL,  # while alive, before season, gateway lift and life events
            "gateway_lift": REAL,  # factor on the rate after a first basket with a gateway product; else 1
            "dropped_out_on": or_null(DAY),  # null: alive beyond the calendar
            "drop_out_reason": or_null(TEXT),
            "is_regular": FLAG,
            "staple_product_number": or_null(NUMBER),  # what a replenishing buyer comes back for
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
    fact(
        "life_events",
        "One row per turn in a person's life that changes what the person buys.",
        key="person_number happened_on event_type",
        columns={"person_number": NUMBER, "event_type": TEXT, "happened_on": DAY},
    ),
    fact(
        "experiences",
        "One row per bad experience that a person had with the company.",
        key="person_number happened_at experience_type",
        columns={
            "person_number": NUMBER,
            "happened_at": INSTANT,
            "experience_type": TEXT,  # a drop-out reason
            "order_number": or_null(NUMBER),
            "product_number": or_null(NUMBER),
            "store_id": or_null(TEXT),
            "campaign_id": or_null(TEXT),
            "offer_id": or_null(TEXT),
            "is_decisive": FLAG,  # the person left because of it
        },
    ),
    fact(
        "orders",
        "One row per sale or return.",
        key="order_number",
        columns={
            "order_number": NUMBER,
            "person_number": NUMBER,
            "order_type": TEXT,  # sale, return
            "ordered_at": INSTANT,
            "channel": TEXT,  # web, app, store
            "store_id": or_null(TEXT),  # null: online
            "payment_index": SMALL,  # 0 card, 1 wallet, 2 invoice
            "original_order_number": or_null(NUMBER),  # the sale that a return takes back
            "coupon_code": or_null(TEXT),
            "caused_by_message_id": or_null(NUMBER),  # without this message there would be no such order
            "is_pulled_forward": FLAG,  # caused by a discount, in place of a later order
            "situation": TEXT,  # planned, spontaneous, gift, triggered
            "is_first": FLAG,  # the person's first order ever
        },
    ),
    fact(
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
    fact(
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
    fact(
        "promises",
        "One row per offer promised to a person in a message.",
        key="person_number offer_id",
        columns={"offer_id": TEXT, "person_number": NUMBER, "promised_at": INSTANT, "is_kept": FLAG},
    ),
    fact(
        "coupon_attempts",
        "One row per attempt to use an offer.",
        key="attempt_id",
        columns={
            "attempt_id": NUMBER,
            "person_number": NUMBER,
            "offer_id": TEXT,
            "attempted_at": INSTANT,
            "channel": TEXT,
            "store_id": or_null(TEXT),
            "outcome": TEXT,  # redeemed, denied
            "denial_reason": or_null(TEXT),
            "order_number": or_null(NUMBER),  # null: denied
        },
    ),
)
