"""The feed contracts of a lake: loaded from `lake/contracts`, all of them or none, every fault named at once.

One file a source, one entry a feed. The contract is the truth for landing, for staging's types and for dbt's source
files. How a file is read belongs to `ingest`, what a row must satisfy beyond its type belongs to dbt staging.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import yaml
from pydantic import BaseModel, ValidationError

from orchestration.foundation.contract_faults import feed_faults, is_name, overlap_faults
from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.feed_contract import (
    PROVENANCE,
    ColumnContract,
    FeedContract,
    FixedWidthContract,
    SourceContract,
    SpreadsheetContract,
    StandardiseRule,
    raw_schema,
)

__all__ = [
    "PROVENANCE",
    "ColumnContract",
    "Contracts",
    "FeedContract",
    "FixedWidthContract",
    "SourceContract",
    "SpreadsheetContract",
    "StandardiseRule",
    "load_contracts",
    "raw_schema",
]

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Contracts(Mapping[str, SourceContract]):
    """All contracts, by source name in alphabetical order."""

    sources: Mapping[str, SourceContract]

    def __getitem__(self, source: str) -> SourceContract:
        return self.sources[source]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def feeds(self) -> tuple[FeedContract, ...]:
        """Return every feed, ordered by source and by its place in the contract."""
        return tuple(feed for source in self.sources.values() for feed in source.feeds.values())

    def raw_schemas(self) -> dict[str, pa.Schema]:
        """Return the Arrow schema of every raw lake table, by table name."""
        return {feed.table: raw_schema(feed) for feed in self.feeds()}


def load_contracts(folder: Path) -> Contracts:
    """Return the contracts of every `*.yml` file in `folder`.

    Raises:
        ConfigurationFaulty: any file is wrong; the message lists all faults of all files.
    """
    faults: list[str] = []
    sources: dict[str, SourceContract] = {}
    paths = sorted(folder.glob("*.yml"))
    for path in paths:
        found = _SourceFile(path, faults).contract()
        if found is not None:
            sources[found.source] = found
    if not paths:
        faults.append(f"{folder} holds no *.yml file; a lake without a contract can land nothing")
    if faults:
        way_out = f"Mend the files in {folder} and run again; nothing was landed."
        raise ConfigurationFaulty.of_faults("lake/contracts", faults, way_out)
    return Contracts(sources)


class _SourceFile:
    """One contract file on its way to a `SourceContract`; every fault found goes to the shared list."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        self._path = path
        self._faults = faults

    def contract(self) -> SourceContract | None:
        known = len(self._faults)
        document = self._document()
        if not isinstance(document, dict):
            return None
        feeds = self._feeds(document.get("feeds"))
        plain = {name: value for name, value in document.items() if name != "feeds"}
        source = self._validated(SourceContract, {**plain, "feeds": feeds}, "")
        if document.get("source") != self._path.stem:
            self._fault("source", f"is {document.get('source')!r}, but the file is named {self._path.name}")
        if not is_name(self._path.stem):
            self._fault("source", "must be snake_case letters, digits and '_'")
        return source if len(self._faults) == known else None

    def _document(self) -> object:
        try:
            document = yaml.load(self._path.read_text(encoding="utf-8"), _UniqueKeyLoader)  # noqa: S506 - a SafeLoader
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self._fault("", f"is no YAML: {' '.join(str(error).split())}")
            return None
        if not isinstance(document, dict):
            self._fault("", "must hold source, owner, description and feeds")
        return document

    def _feeds(self, feeds: object) -> dict[str, FeedContract]:
        if not isinstance(feeds, dict):
            return {}
        validated = {}
        for name, body in feeds.items():
            stated = body if isinstance(body, dict) else {}
            identity = {"source": self._path.stem, "name": str(name)}
            feed = self._validated(FeedContract, {**stated, **identity}, f"feeds.{name}.")
            if feed is not None:
                for place, fault in feed_faults(feed):
                    self._fault(f"feeds.{name}.{place}", fault)
                validated[str(name)] = feed
        for fault in overlap_faults(validated):
            self._fault("feeds", fault)
        return validated

    def _validated(self, model: type[_Model], values: Mapping[str, Any], prefix: str) -> _Model | None:
        try:
            return model.model_validate(values)
        except ValidationError as error:
            for fault in error.errors():
                place = prefix + ".".join(str(part) for part in fault["loc"])
                if place != "feeds" or "feeds" not in values or not values["feeds"]:
                    self._fault(place, fault["msg"])
            return None

    def _fault(self, place: str, fault: str) -> None:
        self._faults.append(f"{self._path.name}: {place} {fault}" if place else f"{self._path.name} {fault}")


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML's safe loader, which refuses a key that stands twice instead of keeping the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the base's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)
