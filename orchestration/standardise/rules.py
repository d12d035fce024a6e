"""The version of the rules by which values are standardised, so that a change of them redoes what was done before."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_MODULES = (
    "countries.py",
    "emails.py",
    "names.py",
    "phones.py",
    "results.py",
    "suspicion.py",
    "texts.py",
)
_LIBRARIES = ("disposable-email-domains", "email-validator", "phonenumbers", "pycountry")


@cache
def rules_version() -> str:
    """Return 16 hex digits that change with the code of any kind's rules and with the libraries that these ask."""
    digest = hashlib.sha256()
    for name in _MODULES:
        digest.update(hashlib.sha256(Path(__file__).with_name(name).read_bytes()).digest())
    for library in _LIBRARIES:
        digest.update(f"{library}=={version(library)}\n".encode())
    return digest.hexdigest()[:16]
