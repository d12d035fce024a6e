"""Tables of what passes between the company and its people."""

from orchestration.sample_company.facts.fact_table import (
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

CONTACT_TABLES: tuple[FactTable, ...] = (
    fact(
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
    fact(
        "messages",
        "One row per message sent to a person.",
        key="message_id",
        columns={
            "message_id": NUMBER,
            "campaign_id": TEXT,
            "person_number": NUMBER,
            "channel": TEXT,
            "sent_at": INSTANT,
            "delivered_at": or_null(INSTANT),  # null: bounced
            "bounce_type": or_null(TEXT),  # hard, soft
            "opened_at": or_null(INSTANT),
            "clicked_at": or_null(INSTANT),
            "unsubscribed_at": or_null(INSTANT),
            "complained_at": or_null(INSTANT),
        },
    ),
    fact(
        "journeys",
        "One row per stage that a person goes through on the way to a purchase and after it.",
        key="person_number journey_number entered_at",
        columns={
            "person_number": NUMBER,
            "journey_number": NUMBER,
            "stage": TEXT,  # need, research, decision, adoption, use, recommend
            "entered_at": INSTANT,
            "left_at": or_null(INSTANT),  # null: still there at the end of the calendar
            "outcome": or_null(TEXT),  # advanced, won, lost
            "category": TEXT,
            "order_number": or_null(NUMBER),  # the order that the journey led to
        },
    ),
    fact(
        "sessions",
        "One row per visit to the web shop or the app.",
        key="session_id",
        columns={
            "session_id": NUMBER,
            "person_number": NUMBER,
            "device_id": TEXT,
            "started_at": INSTANT,
            "is_logged_in": FLAG,
            "utm_source": or_null(TEXT),  # null: came directly
            "utm_medium": or_null(TEXT),
            "utm_campaign": or_null(TEXT),
            "entry_message_id": or_null(NUMBER),
            "ab_variant": TEXT,  # control, treatment
        },
    ),
    fact(
        "events",
        "One row per thing that happened in a session.",
        key="event_id",
        columns={
            "event_id": NUMBER,
            "session_id": NUMBER,
            "event_at": INSTANT,
            "event_type": TEXT,
            "product_number": or_null(NUMBER),
            "order_number": or_null(NUMBER),
            "page_path": TEXT,
            "query": or_null(TEXT),
            "step": or_null(TEXT),
            "field": or_null(TEXT),
            "x": or_null(SMALL),  # pixels from the left, 0..1919
            "y": or_null(SMALL),  # pixels from the top of the page, 0..5000
            "value": or_null(TEXT),
        },
    ),
    fact(
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
            "cause_order_number": or_null(NUMBER),
            "is_service_failure": FLAG,
            "text": TEXT,
        },
    ),
    fact(
        "survey_answers",
        "One row per answered survey.",
        key="answer_id",
        columns={
            "answer_id": NUMBER,
            "person_number": NUMBER,
            "asked_at": INSTANT,
            "answered_at": INSTANT,
            "survey": TEXT,  # nps, csat, preferences
            "score": or_null(SMALL),  # nps 0..10, csat 1..5, none for preferences
            "stated_category": or_null(TEXT),
            "stated_channel": or_null(TEXT),
            "stated_frequency": or_null(TEXT),
            "text": or_null(TEXT),
        },
    ),
    fact(
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
    fact(
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
    fact(
        "social_engagements",
        "One row per reaction to the company on a social network.",
        key="engagement_id",
        columns={
            "engagement_id": NUMBER,
            "person_number": or_null(NUMBER),  # null: a stranger
            "network": TEXT,
            "handle": TEXT,
            "engaged_at": INSTANT,
            "engagement_type": TEXT,  # like, comment, share, follow, mention
            "post_id": TEXT,
            "text": or_null(TEXT),
        },
    ),
)
