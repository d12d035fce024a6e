import io
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.cli import lookup
from orchestration.foundation.settings import Settings
from orchestration.publish.lookup import Recognised


def test_an_identifier_is_read_as_the_nights_standardise_it() -> None:
    assert lookup.readings("Ann.Lee@Post.Example.COM", country_code="GB")[0] == ("email", "ann.lee@post.example.com")
    assert ("phone", "+447312345678") in lookup.readings("07312 345678", country_code="GB")
    assert ("loyalty_card", "0063123456789012") in lookup.readings(" 0063 1234 5678 9012 ", country_code="GB")
    assert lookup.readings("  ", country_code="GB") == []


@pytest.mark.parametrize("is_known", [True, False])
def test_what_was_asked_is_never_shown_again(
    is_known: bool,  # noqa: FBT001 - a case of the test
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(lake_root=tmp_path, state_dir=tmp_path)
    found = Recognised("c1", None, "{}", date(2026, 3, 31)) if is_known else None
    monkeypatch.setattr(lookup, "shown_lookup", lambda serving_dir: serving_dir / "lookup.b1.parquet")
    monkeypatch.setattr(lookup, "look_up", lambda *_, **__: found)
    monkeypatch.setattr("sys.stdin", io.StringIO("ada@example.org\n"))
    shown = io.StringIO()
    console = Console(file=shown, width=200)
    assert lookup.run_lookup(settings, console=console, identifier="-", country_code="GB") is is_known
    assert "ada" not in shown.getvalue()
    assert ("c1  tier not to be told" in shown.getvalue()) is is_known
