from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.standardise.texts import folded, letters_and_digits, tidied


@settings(derandomize=True, max_examples=500)
@given(st.text())
def test_doing_it_twice_is_doing_it_once(text: str) -> None:
    assert tidied(tidied(text)) == tidied(text)
    assert folded(folded(text)) == folded(text)
    assert letters_and_digits(letters_and_digits(text)) == letters_and_digits(text)


@settings(derandomize=True)
@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_text_takes_the_short_way_to_the_same_result(text: str) -> None:
    with_mark = "\N{ZERO WIDTH SPACE}" + text
    assert tidied(with_mark) == tidied(text)
    assert folded(text + "é") == folded(text) + "e"
