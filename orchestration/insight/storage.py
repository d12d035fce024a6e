"""Fitted pipelines as files: written with skops under the sha256 of their bytes, read back only when both are right.

skops files describe objects instead of running code, and only the types listed here may be built from one; pickle and
joblib, which run code on loading, are not used. The same pipeline always gives the same bytes: skops names its parts
by memory addresses and stamps the time, so both are replaced before the bytes are hashed.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.foundation.lake_io import Json, write_bytes_atomically
from orchestration.insight.errors import ModelFileDamaged, ModelFileForeign
from orchestration.insight.inputs import INPUT_NAMES

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

MODELS_FOLDER = "models"

TRUSTED_TYPES = frozenset(
    {
        "builtins.bool",
        "builtins.dict",
        "builtins.float",
        "builtins.int",
        "builtins.list",
        "builtins.str",
        "builtins.tuple",
        "numpy.dtype",
        "numpy.float64",
        "numpy.int32",
        "numpy.int64",
        "numpy.ndarray",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.StandardScaler",
    }
)
"""Every type that a stored purchase model is made of; a file with any other is refused before anything is built."""

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class StoredModel:
    """A model file: its path relative to the lake root, and the sha256 of its bytes, lower hex."""

    path: str
    sha256: str


def store_model(pipeline: "Pipeline", lake_root: Path) -> StoredModel:
    """Return where the pipeline is kept after writing it under `models/<sha256>.skops` of the lake.

    Storing the same pipeline again writes the same bytes to the same place.
    """
    import skops.io

    payload = _canonical(skops.io.dumps(pipeline))
    sha256 = hashlib.sha256(payload).hexdigest()
    path = f"{MODELS_FOLDER}/{sha256}.skops"
    write_bytes_atomically(lake_root / path, payload)
    return StoredModel(path, sha256)


def load_model(path: Path, sha256: str) -> "Pipeline":
    """Return the fitted pipeline of a model file, built from the bytes that its record names and trusted types only.

    Raises:
        ModelFileDamaged: the file is missing or its bytes have another sha256.
        ModelFileForeign: the bytes are no stored purchase model, or hold a type outside `TRUSTED_TYPES`.
    """
    import skops.io
    from sklearn.pipeline import Pipeline

    if not path.is_file():
        raise ModelFileDamaged.because(path, "is missing")
    payload = path.read_bytes()
    found = hashlib.sha256(payload).hexdigest()
    if found != sha256:
        raise ModelFileDamaged.because(path, f"has sha256 {found}, not {sha256}")
    try:
        types = {*_types(payload), *skops.io.get_untrusted_types(data=payload)}
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ModelFileForeign.without_shape(path, f"unreadable: {type(error).__name__}") from error
    if types - TRUSTED_TYPES:
        raise ModelFileForeign.holding_types(path, sorted(types - TRUSTED_TYPES))
    try:
        pipeline = skops.io.loads(payload, trusted=[])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ModelFileForeign.without_shape(path, f"unreadable: {type(error).__name__}") from error
    if not isinstance(pipeline, Pipeline):
        raise ModelFileForeign.without_shape(path, f"it holds a {type(pipeline).__name__}")
    names = tuple(str(name) for name in getattr(pipeline, "feature_names_in_", ()))
    if names != INPUT_NAMES:
        raise ModelFileForeign.without_shape(path, f"its inputs are {', '.join(names) or 'not named'}")
    return pipeline


def _types(payload: bytes) -> set[str]:
    """Return the full names of all types that the skops file would build."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        nodes = _nodes(json.loads(archive.read(_SCHEMA)))
    return {f"{node['__module__']}.{node['__class__']}" for node in nodes if "__class__" in node}


def _nodes(value: Json) -> Iterator[dict[str, Json]]:
    """Yield every object of a JSON document, parents before children, in document order."""
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child)


def _canonical(payload: bytes) -> bytes:
    """Return the skops file with its parts numbered in document order and without the time of writing."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        parts = {name: archive.read(name) for name in archive.namelist() if name != _SCHEMA}
    numbers: dict[Json, int] = {}
    renamed: dict[str, bytes] = {}
    for node in _nodes(schema):
        if "__id__" in node:
            address = node["__id__"]
            node["__id__"] = numbers.setdefault(str(address), len(numbers) + 1)
        file = node.get("file")
        if isinstance(file, str) and file in parts:
            name = f"{node['__id__']}{Path(file).suffix}"
            node["file"], renamed[name] = name, parts[file]
    renamed[_SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, content in renamed.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=_EPOCH), content)
    return target.getvalue()
