"""Where things are and how much they may take; the only reader of the environment.

`load_settings` reads `GENOME_*` variables once; everything else takes a `Settings` as an argument. What people
decide about data is no setting: that is a contract (`lake/contracts`) or a policy (`lake/policies`).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from orchestration.foundation.errors import ConfigurationFaulty

PROJECT_ROOT = Path(__file__).resolve().parents[2]

_VARIABLES = {
    "GENOME_LAKE": "lake_root",
    "GENOME_STATE": "state_dir",
    "GENOME_CONTRACTS": "contracts_dir",
    "GENOME_POLICIES": "policies_dir",
    "GENOME_TIMEZONE": "timezone",
    "GENOME_DUCKDB_MEMORY_LIMIT": "duckdb_memory_limit",
    "GENOME_DUCKDB_THREADS": "duckdb_threads",
}


class Settings(BaseModel):
    """Places and limits of one installation; frozen.

    Attributes:
        project_root: the checkout that holds `dbt_project`, `lake/contracts` and `lake/policies`.
        lake_root: folder of the lake's Parquet files (`GENOME_LAKE`).
        state_dir: local folder of the warehouse and of Dagster's home (`GENOME_STATE`, default the lake root).
        contracts_dir: folder of the feed contracts (`GENOME_CONTRACTS`).
        policies_dir: folder of the policies (`GENOME_POLICIES`).
        timezone: IANA zone in which business days are counted (`GENOME_TIMEZONE`).
        duckdb_memory_limit: DuckDB's memory limit, such as `8GB` (`GENOME_DUCKDB_MEMORY_LIMIT`).
        duckdb_threads: threads a DuckDB connection may use (`GENOME_DUCKDB_THREADS`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    project_root: Path = PROJECT_ROOT
    lake_root: Path = PROJECT_ROOT / "lake"
    state_dir: Path = PROJECT_ROOT / "lake"
    contracts_dir: Path = PROJECT_ROOT / "lake" / "contracts"
    policies_dir: Path = PROJECT_ROOT / "lake" / "policies"
    timezone: str = "Europe/London"
    duckdb_memory_limit: str = Field(default="4GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    duckdb_threads: int = Field(default=2, ge=1, le=256)

    @field_validator("timezone")
    @classmethod
    def _is_a_known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{name!r} is no IANA time zone; write one such as 'Europe/London'"
            raise ValueError(message) from error
        return name

    @property
    def dbt_dir(self) -> Path:
        """The dbt project's folder."""
        return self.project_root / "dbt_project"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file that dbt writes; BI never opens it."""
        return self.state_dir / "warehouse.duckdb"

    @property
    def serving_dir(self) -> Path:
        """The folder of the published databases."""
        return self.lake_root / "serving"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder, the same for the command line and the web page."""
        return self.state_dir / ".dagster"

    @property
    def dbt_target_dir(self) -> Path:
        """Where dbt keeps its manifest and parse cache."""
        return self.state_dir / ".dbt"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that the environment states, with paths made absolute.

    Args:
        environment: variables to read instead of the process's own.

    Raises:
        ConfigurationFaulty: a variable holds what it may not, or is a `GENOME_` variable that nothing reads.
    """
    variables = os.environ if environment is None else environment
    stated = {name: value for name, value in variables.items() if name in _VARIABLES and value}
    values: dict[str, object] = {}
    for name, value in stated.items():
        field = _VARIABLES[name]
        is_path = Settings.model_fields[field].annotation is Path
        values[field] = Path(value).expanduser().absolute() if is_path else value
    if "lake_root" in values:
        values.setdefault("state_dir", values["lake_root"])
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        names = {field: name for name, field in _VARIABLES.items()}
        faults = [
            f"{names.get(str(fault['loc'][0]), fault['loc'][0])}={fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        ]
        way_out = "Set or unset these environment variables and run again; nothing was read or written."
        raise ConfigurationFaulty.of_faults("the environment", faults, way_out) from error


def child_environment(additions: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `additions`, for a child process such as dbt."""
    return {**os.environ, **additions}
