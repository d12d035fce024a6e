"""The secret of an installation: without it, hashes of values do not even tell whether a guess is among them."""

import secrets

from orchestration.foundation.atomic_files import write_bytes_atomically
from orchestration.foundation.lake_io import Lake

_FOLDER = ".private"
_NAME = "profiles_key"
_BYTES = 32


def secret_key(lake: Lake) -> str:
    """Return the lake's secret, 64 hex digits, made when there is none.

    It lies in a folder that only the owner may read, is part of no table, and is never published. Whoever removes it
    makes all hashes worthless at once; the next night takes another one and makes the sketches anew from raw.
    """
    folder = lake.root / _FOLDER
    path = folder / _NAME
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_bytes_atomically(path, secrets.token_hex(_BYTES).encode())
        path.chmod(0o600)
    return path.read_text(encoding="ascii")
