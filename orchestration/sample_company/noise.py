"""What goes wrong when a source writes something down, and how often: the rates of every feed, as data.

Belongs here: kinds of noise with their shares, and which records of a file meet with an accident. How a spoilt value
looks is `noise_macros.py`; how a file looks is `sources/`.

Fields with a rate are drawn for each record by itself (for the CRM and the shop: for each contact or account and era of
its contact points). `record` is an accident of a whole record: exactly the stated share of a file's records, no record
twice. `delivery` is no fault of the record: it arrives late, or is sent again in a corrected version.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from orchestration.sample_company.randomness import LARGE_FILE_ROWS, rounded_counts
from orchestration.sample_company.tables import table_of, text_column

RECORD = "record"
DELIVERY = "delivery"
LATE_DAYS_AT_MOST = 5
SMALL_FILE_SHARE = 0.02

Rates = Mapping[str, float]

_CASE_NOISE: Rates = {"upper_case": 0.04, "lower_case": 0.05, "surrounding_space": 0.02}
_TYPING_NOISE: Rates = {"letters_swapped": 0.015, "letter_missing": 0.015}
_FIRST_NAME_NOISE: Rates = {**_CASE_NOISE, **_TYPING_NOISE, "keyboard_mash": 0.001}
_EMAIL_NOISE: Rates = {
    "upper_case": 0.03,
    "mixed_case": 0.04,
    "surrounding_space": 0.02,
    "not_available": 0.004,
    "test_address": 0.003,
    "at_sign_missing": 0.006,
    "keyboard_mash": 0.001,
}
_PHONE_NOISE: Rates = {"other_format": 0.3, "too_short": 0.01, "words": 0.005}
_COUNTRY_NOISE: Rates = {"other_spelling": 0.08, "unspecified": 0.005}
_LATE: Rates = {"sent_late": 0.01}
_CUSTOMER_NOISE: Mapping[str, Rates] = {
    "name": {"names_swapped": 0.004, "transliterated": 0.25},
    "first_name": {**_FIRST_NAME_NOISE, "nickname": 0.05, "initial_only": 0.01, "placeholder": 0.002},
    "last_name": {**_CASE_NOISE, **_TYPING_NOISE, "placeholder": 0.001},
    "email": {**_EMAIL_NOISE, "missing": 0.01},
    "phone": {**_PHONE_NOISE, "missing": 0.3},
    "country": _COUNTRY_NOISE,
}

NOISE: Mapping[str, Mapping[str, Rates]] = {
    "crm/contacts": {
        "name": {"names_swapped": 0.006},
        "first_name": {**_FIRST_NAME_NOISE, "nickname": 0.06, "initial_only": 0.03, "placeholder": 0.003},
        "last_name": {**_CASE_NOISE, **_TYPING_NOISE, "placeholder": 0.002},
        "email": {**_EMAIL_NOISE, "missing": 0.08},
        "phone": {**_PHONE_NOISE, "missing": 0.18},
        "country": {**_COUNTRY_NOISE, "missing": 0.02},
        "birthday": {"default": 0.08, "missing": 0.15, "invalid": 0.003},
        "postcode": {"missing": 0.05},
        "gender": {"missing": 0.1},
        "marketing_flag": {"other_words": 0.1, "missing": 0.05},
        RECORD: {
            "too_many_separators": 0.0015,
            "too_few_separators": 0.0015,
            "contact_id_missing": 0.001,
            "line_repeated": 0.004,
        },
    },
    "shop/orders": {
        **_CUSTOMER_NOISE,
        RECORD: {
            "line_cut_off": 0.001,
            "order_id_missing": 0.001,
            "price_negative": 0.002,
            "currency_unknown": 0.002,
            "date_in_future": 0.001,
            "line_repeated": 0.01,
        },
        DELIVERY: {**_LATE, "corrected_later": 0.02},
    },
    "shop/accounts": {
        **_CUSTOMER_NOISE,
        "birth_date": {"missing": 0.4, "default": 0.02},
        RECORD: {
            "line_cut_off": 0.001,
            "account_id_missing": 0.001,
            "updated_before_created": 0.001,
            "line_repeated": 0.003,
        },
    },
    "pos/receipts": {
        "card_number": {"leading_zeros_lost": 0.5, "digits_missing": 0.01},
        "sold_at": {"clock_skew": 0.03},
        "receipt_email": _EMAIL_NOISE,
        RECORD: {"sku_missing": 0.001, "quantity_zero": 0.001, "date_in_future": 0.0005, "line_repeated": 0.003},
        DELIVERY: _LATE,
    },
    "newsletter/events": {
        RECORD: {
            "too_few_separators": 0.0005,
            "event_id_missing": 0.0005,
            "event_type_unknown": 0.0005,
            "date_impossible": 0.0003,
            "line_repeated": 0.003,
        },
        DELIVERY: _LATE,
    },
    "consent/changes": {
        "changedAt": {"in_seconds": 0.01},
        "status": {"upper_case": 0.03},
        RECORD: {
            "line_cut_off": 0.0005,
            "contact_point_missing": 0.001,
            "status_unknown": 0.001,
            "line_repeated": 0.003,
        },
        DELIVERY: _LATE,
    },
    "web/events": {
        "originalTimestamp": {"clock_skew": 0.03},
        RECORD: {
            "line_cut_off": 0.0003,
            "message_id_missing": 0.0003,
            "event_unknown": 0.0005,
            "timestamp_invalid": 0.0002,
            "line_repeated": 0.005,
        },
        DELIVERY: _LATE,
    },
    "catalogue/products": {
        RECORD: {
            "too_many_separators": 0.004,
            "sku_missing": 0.004,
            "price_not_a_number": 0.004,
            "line_repeated": 0.01,
        },
    },
    "catalogue/stock": {
        RECORD: {"quantity_negative": 0.001, "sku_missing": 0.0005, "line_repeated": 0.001},
    },
    "offers/offers": {RECORD: {"dates_reversed": 0.02}},
    "offers/attempts": {
        "coupon_code": {"lower_case": 0.15, "surrounding_space": 0.03},
        RECORD: {
            "too_few_separators": 0.001,
            "attempt_id_missing": 0.001,
            "outcome_missing": 0.001,
            "line_repeated": 0.003,
        },
        DELIVERY: _LATE,
    },
    "contact_centre/tickets": {
        "requester.email": {**_EMAIL_NOISE, "missing": 0.35},
        "topic": {"unspecified": 0.04},
        RECORD: {
            "line_cut_off": 0.001,
            "ticket_id_missing": 0.001,
            "closed_before_opened": 0.002,
            "line_repeated": 0.003,
        },
    },
    "surveys/answers": {
        "respondent": {**_EMAIL_NOISE, "missing": 0.1},
        "score": {"as_fraction": 0.02},
        RECORD: {
            "too_many_separators": 0.002,
            "response_id_missing": 0.001,
            "score_out_of_range": 0.003,
            "line_repeated": 0.005,
        },
        DELIVERY: _LATE,
    },
    "surveys/reviews": {
        "rating": {"as_words": 0.03},
        RECORD: {
            "line_cut_off": 0.001,
            "review_id_missing": 0.001,
            "rating_out_of_range": 0.003,
            "line_repeated": 0.005,
        },
        DELIVERY: _LATE,
    },
    "loyalty/members": {
        RECORD: {
            "card_scientific": 0.025,
            "card_reformatted": 0.03,
            "card_missing": 0.015,
            "card_merged_with_above": 0.01,
            "date_as_text": 0.035,
            "date_without_day": 0.015,
            "date_as_serial": 0.015,
            "points_decimal_comma": 0.025,
            "points_as_words": 0.01,
            "phone_as_number": 0.02,
            "names_in_one_cell": 0.015,
            "names_swapped": 0.005,
            "short_first_name": 0.01,
            "cells_shifted": 0.005,
            "email_typo": 0.01,
            "row_repeated": 0.005,
        },
    },
    "sightings/sightings": {
        "seen_at": {"clock_skew": 0.02},
        RECORD: {
            "too_few_separators": 0.0005,
            "dwell_negative": 0.001,
            "device_hash_missing": 0.001,
            "line_repeated": 0.003,
        },
        DELIVERY: _LATE,
    },
    "privacy_requests/requests": {
        "request_type": {"other_words": 0.2},
        RECORD: {"contact_missing": 0.01, "line_repeated": 0.01},
    },
    "social/engagements": {
        RECORD: {
            "too_many_separators": 0.003,
            "engagement_id_missing": 0.002,
            "type_unknown": 0.005,
            "line_repeated": 0.005,
        },
        DELIVERY: _LATE,
    },
    "ads/spend": {
        RECORD: {"spend_missing": 0.003, "line_repeated": 0.003},
    },
    "reference/postcodes": {
        "coordinates": {"swapped": 0.01},
        "population_count": {"missing": 0.03},
        RECORD: {"postcode_area_missing": 0.005, "line_repeated": 0.005},
    },
}


def record_noise(rng: np.random.Generator, rows_count: int, rates: Rates) -> pa.Table:
    """One row per record of a file that something goes wrong with: `row_index, noise, place`.

    Rows out: as `rounded_counts` says for each kind; no record is hit twice. A file of fewer records than
    `LARGE_FILE_ROWS` has in all no more than 2 % of them hit, or the rates' sum if that is more: one broken record
    among thirty is a file to send back, and no source is that bad. `place`, in [0, 1), is where in the record.
    """
    counts = rounded_counts(rng, rows_count, list(rates.values()))
    hits_count = min(int(counts.sum()), rows_count)
    if rows_count < LARGE_FILE_ROWS:
        hits_count = min(hits_count, int(rows_count * max(SMALL_FILE_SHARE, sum(rates.values()))))
    shuffled = rng.permutation(rows_count)[:hits_count]
    names = rng.permutation(np.repeat(np.array(list(rates), dtype=object), counts))[:hits_count]
    return table_of(
        {
            "row_index": pa.array(shuffled.astype(np.int64)),
            "noise": text_column(names),
            "place": pa.array(rng.random(len(shuffled))),
        }
    )
