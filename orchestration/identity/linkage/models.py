"""A trained linkage model: what it knows, its file, and when it has to be trained again.

Belongs here: the model as data, its id, storing and loading it. Does not belong here: training and scoring. The
frequencies of values hold personal data (names, days of birth), so that a model belongs beside the vault's tables.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.atomic_files import Json, checksum_of, write_bytes_atomically
from orchestration.foundation.errors import GenomeError
from orchestration.identity.linkage.comparisons import ComparisonOf

_FREQUENCY_COLUMNS: Mapping[str, pa.DataType] = {
    "column_name": pa.string(),
    "value": pa.string(),
    "share": pa.float64(),
}
FREQUENCIES_SCHEMA = pa.schema(_FREQUENCY_COLUMNS)
"""One row per value of a column whose frequency tells how much an agreement says: its share of the filled records."""


class LinkageModelDamaged(GenomeError):
    """A stored model that is not what its name says."""

    @classmethod
    def because(cls, path: Path, what: str) -> Self:
        """Return the error for one file."""
        return cls(
            f"linkage model {path.name} {what}; nothing was linked. Restore the file from a backup, or remove it: the "
            f"next run then trains a model anew."
        )


@dataclass(frozen=True)
class LevelShares:
    """One level of one comparison: its words, and its share among pairs of one person (`m`) and of two (`u`)."""

    label: str
    m: float
    u: float


@dataclass(frozen=True)
class LinkageModel:
    """What training found.

    Attributes:
        prior: probability that two records taken at random are one person.
        shares: levels by kind, strongest first, `different` last.
        settings_sha256: of the comparisons that the shares belong to.
        trained_on: night of training.
        records_count: distinct records that it was trained on.
        frequencies: `FREQUENCIES_SCHEMA`.
    """

    prior: float
    shares: Mapping[str, tuple[LevelShares, ...]]
    settings_sha256: str
    trained_on: date
    records_count: int
    frequencies: pa.Table

    @property
    def model_id(self) -> str:
        """The first 16 hex digits of the sha256 of all that the model knows."""
        return checksum_of(self.plain())[:16]

    def plain(self) -> dict[str, Json]:
        """Return the model as its JSON file holds it."""
        return {
            "prior": self.prior,
            "shares": {
                kind: [[level.label, level.m, level.u] for level in levels] for kind, levels in self.shares.items()
            },
            "settings_sha256": self.settings_sha256,
            "trained_on": self.trained_on.isoformat(),
            "records_count": self.records_count,
            "frequencies_sha256": self.frequencies_sha256,
        }

    @cached_property
    def frequencies_sha256(self) -> str:
        """The sha256 of the frequencies' values, which no version of the library that writes them changes."""
        return hashlib.sha256(json.dumps(self.frequencies.to_pydict()).encode()).hexdigest()


def settings_sha256(comparisons: Sequence[ComparisonOf]) -> str:
    """Return the sha256 of the comparisons: another one means that shares trained before do not fit."""
    levels: dict[str, list[Json]] = {
        each.kind: [[level.label, level.sql, level.frequency_column] for level in each.levels] for each in comparisons
    }
    return checksum_of({each.kind: [each.null_sql, levels[each.kind]] for each in comparisons})


def store_model(model: LinkageModel, folder: Path) -> Path:
    """Return the model's JSON file after writing it and its frequencies into the folder, under its id."""
    payload = _bytes_of(model.frequencies)
    write_bytes_atomically(folder / f"{model.model_id}.parquet", payload)
    path = folder / f"{model.model_id}.json"
    write_bytes_atomically(path, json.dumps(model.plain(), indent=1, sort_keys=True).encode())
    return path


def load_model(path: Path) -> LinkageModel:
    """Return a stored model, checked against its id and the sha256 of its frequencies.

    Raises:
        LinkageModelDamaged: a file is missing, unreadable or changed.
    """
    beside = path.with_suffix(".parquet")
    missing = [each for each in (path, beside) if not each.is_file()]
    if missing:
        raise LinkageModelDamaged.because(missing[0], "is missing")
    try:
        plain = json.loads(path.read_bytes())
        model = LinkageModel(
            prior=plain["prior"],
            shares={kind: tuple(LevelShares(*level) for level in levels) for kind, levels in plain["shares"].items()},
            settings_sha256=plain["settings_sha256"],
            trained_on=date.fromisoformat(plain["trained_on"]),
            records_count=plain["records_count"],
            frequencies=pq.read_table(beside).cast(FREQUENCIES_SCHEMA),
        )
        if plain["frequencies_sha256"] != model.frequencies_sha256:
            raise LinkageModelDamaged.because(beside, "has other values than were written")
    except (ValueError, KeyError, TypeError, OSError, pa.ArrowException) as error:
        raise LinkageModelDamaged.because(path, f"is unreadable ({type(error).__name__})") from error
    if model.model_id != path.stem:
        raise LinkageModelDamaged.because(path, "does not hold what its name says")
    return model


@dataclass(frozen=True)
class RetrainingRule:
    """When a stored model is trained again: after so many days, or when records are so many times what they were."""

    age_days: int = 90
    growth: float = 2.0


def reason_to_retrain(
    model: LinkageModel,
    comparisons: Sequence[ComparisonOf],
    *,
    as_of_on: date,
    records_count: int,
    rule: RetrainingRule,
) -> str | None:
    """Return why the model has to be trained again, or None when it still serves."""
    age_days = (as_of_on - model.trained_on).days
    if model.settings_sha256 != settings_sha256(comparisons):
        return "records are compared by other columns or levels than those it was trained on"
    if age_days > rule.age_days:
        return f"it is {age_days} days old, where {rule.age_days} are allowed"
    if not model.records_count / rule.growth <= records_count <= model.records_count * rule.growth:
        return f"{records_count:,} records are linked where it was trained on {model.records_count:,}"
    return None


def _bytes_of(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()
