"""What insight refuses, each with what was wrong, the evidence, the rule and the way out."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Self

from orchestration.foundation.errors import GenomeError, some_of


class FeaturesUnusable(GenomeError):
    """A feature or label table that the model cannot read."""

    @classmethod
    def lacking_columns(cls, table: str, *, missing: Sequence[str], present: Sequence[str]) -> Self:
        """Return the error for a table without a column that the model needs."""
        return cls(
            f"{table} lacks {some_of(sorted(missing))}, which the purchase model reads; "
            f"it has {some_of(sorted(present))}. "
            "Give the dbt model these columns, or change the inputs in insight/inputs.py; nothing was scored."
        )

    @classmethod
    def holding_nulls(cls, columns: Sequence[str], *, rows_count: int) -> Self:
        """Return the error for nulls in columns that every customer with an order has."""
        return cls(
            f"{rows_count} feature rows have no value in one of {some_of(columns)}; every customer in the feature "
            "table has at least one sale, so these are never null. Mend the feature model; nothing was scored."
        )

    @classmethod
    def holding_dates(cls, found: Sequence[date]) -> Self:
        """Return the error for features to score that are not of exactly one date."""
        return cls(
            f"features to score must be of one date, but they are of {len(found)}: "
            f"{some_of(day.isoformat() for day in found)}. Filter the table to tonight's as_of_on first."
        )


class ModelFileDamaged(GenomeError):
    """A model file that is missing or is not what its record names."""

    @classmethod
    def because(cls, path: Path, what: str) -> Self:
        """Return the error for one file."""
        return cls(
            f"{path} {what}; a model is replayed only from the very bytes that its record names. Restore the file "
            "from a copy, or remove the model's record and run the night again to train a new one."
        )


class ModelFileForeign(GenomeError):
    """A model file that this product did not write, or that holds types outside its list."""

    @classmethod
    def holding_types(cls, path: Path, types: Sequence[str]) -> Self:
        """Return the error for a file that would build objects of other types."""
        return cls(
            f"{path} would build objects of {some_of(types)}, which are not on the list of trusted types; building "
            "them can run code, so nothing was loaded. Remove the model's record and run the night again; if the "
            "product's own pipeline changed, add its types to TRUSTED_TYPES in insight/storage.py."
        )

    @classmethod
    def without_shape(cls, path: Path, what: str) -> Self:
        """Return the error for a file that is no stored purchase model at all."""
        return cls(
            f"{path} is no stored purchase model ({what}); models are skops files of one fitted pipeline with the "
            "product's own inputs. Remove the model's record and run the night again to train a new one."
        )
