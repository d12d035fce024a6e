from collections.abc import Mapping

import pyarrow as pa
import pytest

from orchestration.sample_company.noise import (
    CRM_PROFILE_NOISE,
    CRM_RECORD_NOISE,
    SHOP_PROFILE_NOISE,
    SHOP_RECORD_NOISE,
    HouseStyle,
    field_noise,
    record_noise,
    spoiled_profiles,
)
from orchestration.sample_company.randomness import stream

PROFILES_COUNT = 20_000
NATIONAL = HouseStyle(phone_format="national", country_format="name")


def _profiles(count: int) -> pa.Table:
    return pa.table(
        {
            "profile_id": [f"p{number:06d}" for number in range(count)],
            "first_name": ["Margaret"] * count,
            "last_name": ["Thornby"] * count,
            "email": ["m.thornby@post.example.com"] * count,
            "phone_e164": ["+447312345678"] * count,
            "country_code": ["GB"] * count,
        }
    )


def _nothing_wrong() -> Mapping[str, Mapping[str, float]]:
    return {field: {} for field in CRM_PROFILE_NOISE}


def test_without_noise_a_source_writes_the_truth_in_its_house_style() -> None:
    spoiled = spoiled_profiles(_profiles(3), _nothing_wrong(), style=NATIONAL, rng=stream(1, "test"))
    first = spoiled.to_pylist()[0]
    assert (first["first_name"], first["last_name"]) == ("Margaret", "Thornby")
    assert first["email"] == "m.thornby@post.example.com"
    assert first["phone"] == "07312 345678"
    assert first["country"] == "United Kingdom"
    assert field_noise(spoiled).num_rows == 0


@pytest.mark.parametrize("rates", [CRM_PROFILE_NOISE, SHOP_PROFILE_NOISE], ids=["crm", "shop"])
def test_noise_comes_at_the_stated_rates(rates: Mapping[str, Mapping[str, float]]) -> None:
    spoiled = spoiled_profiles(_profiles(PROFILES_COUNT), rates, style=NATIONAL, rng=stream(1, "test"))
    found: dict[tuple[str, str], int] = {}
    for row in field_noise(spoiled).to_pylist():
        key = (row["field"], row["noise"])
        found[key] = found.get(key, 0) + 1
    for field, shares in rates.items():
        for noise, share in shares.items():
            expected = share * PROFILES_COUNT
            assert abs(found[field, noise] - expected) < 5 * expected**0.5


def test_every_noisy_value_differs_from_what_a_clean_source_writes() -> None:
    spoiled = spoiled_profiles(_profiles(2_000), CRM_PROFILE_NOISE, style=NATIONAL, rng=stream(1, "test"))
    clean = {
        "first_name": "Margaret",
        "last_name": "Thornby",
        "email": "m.thornby@post.example.com",
        "phone": "07312 345678",
        "country": "United Kingdom",
    }
    for row in spoiled.to_pylist():
        for field, value in clean.items():
            assert (row[field] == value) == (row[f"{field}_noise"] == "clean"), row


def test_a_large_file_shows_every_kind_of_accident_and_no_record_has_two() -> None:
    for rates in (CRM_RECORD_NOISE, SHOP_RECORD_NOISE):
        accidents = record_noise(stream(1, "test"), 250, rates)
        assert set(accidents["noise"].to_pylist()) == set(rates)
        rows = accidents["row_index"].to_pylist()
        assert len(set(rows)) == len(rows)


def test_a_small_or_empty_file_may_have_no_accident() -> None:
    assert record_noise(stream(1, "test"), 0, SHOP_RECORD_NOISE).num_rows == 0
    assert sum(record_noise(stream(n, "test"), 10, SHOP_RECORD_NOISE).num_rows for n in range(20)) < 20
