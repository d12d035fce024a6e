import pytest

from orchestration.standardise.emails import email_verdict
from orchestration.standardise.suspicion import email_suspicion, is_keyboard_mash, name_suspicion


@pytest.mark.parametrize("name", ["Asdf", "qwertz", "lkjhgf", "Zxcvbn", "Aaaann", "Bcdfghj", "Kkkk Lee"])
def test_a_name_that_fingers_fell_on_is_suspect(name: str) -> None:
    assert name_suspicion(name) == "name_keyboard_mash"


@pytest.mark.parametrize(
    "name",
    ["Doherty", "Ewert", "Wertheim", "Trewin", "Ng", "Smrz", "Krč", "Schwarz", "Schmdt", "Łukasz", "李小龙", "Аня"],
)
def test_an_unusual_name_is_no_keyboard_mash(name: str) -> None:
    assert not is_keyboard_mash(name)


@pytest.mark.parametrize(
    ("address", "reason_code"),
    [
        ("qa@test.example.com", "email_test"),
        ("test2@shop.example.com", "email_test"),
        ("asdfgh@post.example.com", "email_test"),
        ("No-Reply@store.example.com", "email_role"),
        ("info+till@club.example.org", "email_role"),
        ("ann.lee@mailinator.com", "email_disposable"),
        ("ann.lee@a.mailinator.com", "email_disposable"),
        ("ann.lee@post.example.com", None),
        ("salesman@post.example.com", None),
        ("kgschmdt@post.example.com", None),
        ("contest@contest.example.com", None),
    ],
)
def test_an_address_that_is_nobodys_own_has_a_reason(address: str, reason_code: str | None) -> None:
    found = email_verdict(address).normalised
    assert found is not None
    assert email_suspicion(*found.split("@")) == reason_code
