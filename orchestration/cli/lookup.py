"""`genome lookup`: whom an identifier leads to, as the last night knew them; what was asked is never kept or shown."""

import sys

from rich.console import Console

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.secret_keys import secret_key
from orchestration.foundation.settings import Settings
from orchestration.publish.lookup import look_up
from orchestration.publish.swap import shown_lookup
from orchestration.standardise.emails import email_verdict
from orchestration.standardise.phones import phone_verdict

_FROM_STDIN = "-"


def run_lookup(settings: Settings, *, console: Console, identifier: str, country_code: str) -> bool:
    """Print the customer, tier and card of an identifier, or that it is not known; return whether it is.

    Args:
        settings: where the published files are.
        console: prints.
        identifier: as somebody says it; `-` reads a line from standard input, so that no process list shows it.
        country_code: where a phone number without dialling code is from, ISO 3166-1 alpha-2.

    Raises:
        LookupMissing: the database that is shown has no look-up file.
        LookupKeyUnfit: the file was made with another secret.
    """
    path = shown_lookup(settings.serving_dir)
    said = sys.stdin.readline() if identifier == _FROM_STDIN else identifier
    key = secret_key(Lake(settings.lake_root), "lookup_key")
    limits = DuckdbLimits(memory_limit=settings.duckdb_memory_limit, threads=1)
    for identifier_type, value in readings(said, country_code=country_code):
        found = look_up(path, identifier_type=identifier_type, identifier_value=value, key=key, limits=limits)
        if found is not None:
            tier = found.value_tier or "not to be told"
            console.print(f"[bold]{found.customer_id}[/]  tier {tier}  as of {found.as_of_on}", soft_wrap=True)
            console.print(found.card_json, markup=False, highlight=False, soft_wrap=True)
            return True
    console.print("Not known: it leads to no customer, or to more than one.")
    return False


def readings(said: str, *, country_code: str) -> list[tuple[str, str]]:
    """Return what an identifier can be, likeliest first, each with its value as the nights standardise it.

    Example:
        >>> readings(" Ann.Lee@Post.Example.COM ", country_code="GB")[0]
        ('email', 'ann.lee@post.example.com')
        >>> readings("07312 345678", country_code="GB")[0]
        ('phone', '+447312345678')
    """
    email, phone = email_verdict(said).normalised, phone_verdict(said, country_code).e164
    typed = said.strip()
    found = (("email", email), ("phone", phone), ("loyalty_card", "".join(typed.split())), ("login_id", typed))
    return [(kind, value) for kind, value in found if value]
