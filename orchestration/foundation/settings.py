"""Where things are and how much they may take; the only reader of the environment.

`load_settings` reads `GENOME_*` variables once; everything else takes a `Settings` as an argument. What people
decide about data is no setting: that is a contract (`lake/contracts`) or a policy (`lake/policies`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

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
    "GENOME_NIGHT_AT": "night_at",
    "GENOME_ALERT_WEBHOOK": "alert_webhook",
    "GENOME_SMTP_URL": "smtp_url",
}
_SECRETS = ("alert_webhook", "smtp_url")


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
        night_at: time of day at which the schedule starts the night, `HH:MM` in `timezone` (`GENOME_NIGHT_AT`).
        alert_webhook: where a failed night is told by JSON POST; a secret (`GENOME_ALERT_WEBHOOK`).
        smtp_url: the mail server for alerts, `smtp://user:password@host:587` (STARTTLS when it is offered) or
            `smtps://…`; a secret (`GENOME_SMTP_URL`). Who is told stands in `lake/policies/operations.yml`.
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
    night_at: str = Field(default="02:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    alert_webhook: SecretStr | None = None
    smtp_url: SecretStr | None = None

    @field_validator("timezone")
    @classmethod
    def _is_a_known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{name!r} is no IANA time zone; write one such as 'Europe/London'"
            raise ValueError(message) from error
        return name

    @field_validator("alert_webhook")
    @classmethod
    def _is_a_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        return _require_scheme(url, ("https", "http"))

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        return _require_scheme(url, ("smtp", "smtps"))

    @property
    def night_lock_path(self) -> Path:
        """The one lock file of all nights."""
        return self.state_dir / "night.lock"

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
            f"{names.get(str(fault['loc'][0]), fault['loc'][0])}={_shown(fault)}: {fault['msg']}"
            for fault in error.errors()
        ]
        way_out = "Set or unset these environment variables and run again; nothing was read or written."
        raise ConfigurationFaulty.of_faults("the environment", faults, way_out) from error


Victim = Literal["group", "process", "leader"]


@dataclass(frozen=True)
class ArmedFault:
    """A fault point that a test armed: its name, at which hit it ends what, counted from 1."""

    name: str
    hit: int
    victim: Victim


def armed_fault(environment: Mapping[str, str] | None = None) -> ArmedFault | None:
    """Return the fault point that a test armed as `GENOME_FAULT=<name>:<hit>:<victim>`, or None.

    Args:
        environment: variables to read instead of the process's own.

    Raises:
        ConfigurationFaulty: the variable is not of that form.
    """
    stated = (os.environ if environment is None else environment).get("GENOME_FAULT", "")
    if not stated:
        return None
    name, _, rest = stated.partition(":")
    hit, _, victim = rest.partition(":")
    for known in get_args(Victim):
        if victim == known and hit.isdecimal() and int(hit) >= 1:
            return ArmedFault(name, int(hit), known)
    fault = f"GENOME_FAULT={stated!r} is not <point>:<hit from 1>:<{'|'.join(get_args(Victim))}>"
    raise ConfigurationFaulty.of_faults("the environment", [fault], "Only tests set it; unset it and run again.")


def _shown(fault: Mapping[str, Any]) -> str:
    return "(hidden)" if fault["loc"][0] in _SECRETS else repr(fault["input"])


def _require_scheme(url: SecretStr | None, schemes: tuple[str, ...]) -> SecretStr | None:
    message = f"must be a URL such as {schemes[0]}://host/…"
    if url is not None:
        try:
            parts = urlsplit(url.get_secret_value())
            is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError as error:
            raise ValueError(message) from error
        if not is_good:
            raise ValueError(message)
    return url


def stated_variables(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the `GENOME_` variables that the environment states and that are no secrets, by name.

    Args:
        environment: variables to read instead of the process's own.
    """
    variables = os.environ if environment is None else environment
    secrets = {name for name, field in _VARIABLES.items() if field in _SECRETS}
    return {name: variables[name] for name in sorted(_VARIABLES) if variables.get(name) and name not in secrets}


def child_environment(additions: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `additions`, for a child process such as dbt."""
    return {**os.environ, **additions}


def state_for_libraries(additions: Mapping[str, str]) -> None:
    """Add variables to this process's own environment, for libraries that read what they need nowhere else.

    Args:
        additions: names and values; they stay until the process ends.
    """
    os.environ.update(additions)
