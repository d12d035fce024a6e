"""The secrets of an installation: without them, hashes of values do not even tell whether a guess is among them."""

import secrets
from typing import Literal

from orchestration.foundation.atomic_files import write_bytes_atomically
from orchestration.foundation.lake_io import Lake

_FOLDER = ".private"
_BYTES = 32

SecretName = Literal["profiles_key", "lookup_key"]


def secret_key(lake: Lake, name: SecretName) -> str:
    """Return one of the lake's secrets, 64 hex digits, made when there is none.

    It lies in a folder that only the owner may read, is part of no table, and is never published. Whoever removes it
    makes all hashes worthless at once; the next night takes another one and makes what is hashed by it anew.

    Args:
        lake: the installation.
        name: what is hashed by it; each use has a secret of its own.
    """
    folder = lake.root / _FOLDER
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_bytes_atomically(path, secrets.token_hex(_BYTES).encode())
        path.chmod(0o600)
    return path.read_text(encoding="ascii")
