import pytest

from orchestration.standardise.comparison import email_match_key, family_name_key, given_name_forms, name_words


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bob", "Robert"), ("Liz", "Elizabeth"), ("Dr. Jim", "JAMES"), ("María", "Maria"), ("Дмитрий", "Dmitriy")],
)
def test_names_of_one_person_share_a_form(one: str, other: str) -> None:
    forms = [set((given_name_forms(name) or "").split()) for name in (one, other)]
    assert forms[0] & forms[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("van den Berg", "Berg"), ("O'Brien", "OBRIEN"), ("de la Tour", "Tour"), ("Łukasiewicz", "Lukasiewicz")],
)
def test_a_family_name_has_one_key_with_and_without_particles(one: str, other: str) -> None:
    assert family_name_key(one) == family_name_key(other)


def test_a_family_name_that_is_a_particle_or_a_title_keeps_its_words() -> None:
    assert (family_name_key("Von"), family_name_key("Prof")) == ("von", "prof")


def test_the_order_of_a_name_says_nothing() -> None:
    assert name_words("Lee, Ann") == name_words("Ann LEE") == "ann lee"


def test_a_name_without_letters_that_can_be_told_has_no_key() -> None:
    assert (given_name_forms("·"), family_name_key("·"), name_words("·")) == (None, None, None)


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("ann.lee+shop@googlemail.com", "annlee@gmail.com"),
        ("a.n.n@gmail.com", "ann@gmail.com"),
        ("ann.lee+shop@post.example.com", "ann.lee@post.example.com"),
        ("+tag@post.example.com", "+tag@post.example.com"),
    ],
)
def test_an_address_is_compared_by_its_mailbox(email: str, key: str) -> None:
    assert email_match_key(email) == key
