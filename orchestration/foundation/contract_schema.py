"""The JSON schema of a contract file, by which editors complete and check it while it is written.

It is derived from the models of `feed_contract`; faults between fields are found by `genome contracts` only.
"""

import inspect
import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from orchestration.foundation.feed_contract import (
    ColumnContract,
    DriftContract,
    FeedContract,
    FixedWidthContract,
    SourceContract,
    SpreadsheetContract,
    StandardiseRule,
    XmlContract,
)
from orchestration.foundation.lake_io import write_bytes_atomically

SCHEMA_NAME = "contract.schema.json"
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_NAME}"
"""The first line of a contract, which tells editors where its schema lies."""

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SAID_BY_THE_FILE = ("source", "name")
_MODELS: tuple[type[BaseModel], ...] = (
    ColumnContract,
    DriftContract,
    FeedContract,
    FixedWidthContract,
    SpreadsheetContract,
    StandardiseRule,
    XmlContract,
)


def schema_text() -> str:
    """Return the JSON schema (draft 2020-12) of a contract file, each setting with what it says."""
    schema = SourceContract.model_json_schema()
    for model in _MODELS:
        _describe(schema["$defs"][model.__name__], model)
    _describe(schema, SourceContract)
    feed = schema["$defs"][FeedContract.__name__]
    for name in _SAID_BY_THE_FILE:
        del feed["properties"][name]
        feed["required"].remove(name)
    return json.dumps({"$schema": _DRAFT, **schema}, indent=2, ensure_ascii=False) + "\n"


def write_schema(contracts_dir: Path) -> Path:
    """Return the path of the schema after writing it beside the contracts; to be run when what they may say changes."""
    path = contracts_dir / SCHEMA_NAME
    write_bytes_atomically(path, schema_text().encode())
    return path


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put what the model's docstring says of each attribute beside the attribute, and the rest beside the whole."""
    said, _, attributes = inspect.cleandoc(model.__doc__ or "").partition("\n\nAttributes:\n")
    schema["description"] = said
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    for name, text in re.findall(r"^    (\w+): (.+(?:\n     .+)*)", attributes, flags=re.MULTILINE):
        schema["properties"][aliases[name]]["description"] = " ".join(text.split())
