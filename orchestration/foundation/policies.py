"""What people decide about data, by topic: loaded from `lake/policies/<topic>.yml`, every fault named at once.

Belongs here: the policies' models and their loading. Places and limits of an installation are `settings`; what may
land is `contracts`.
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.identity_policy import IdentityPolicy
from orchestration.foundation.link_decisions_policy import LinkDecisionsPolicy
from orchestration.foundation.operations_policy import OperationsPolicy
from orchestration.foundation.quality_policy import QualityPolicy
from orchestration.foundation.survivorship_policy import SurvivorshipPolicy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MoneyPolicy(_Strict):
    """In what amounts are told.

    Attributes:
        reporting_currency_code: ISO 4217 code of the currency of all reports.
    """

    reporting_currency_code: str = Field(pattern=r"^[A-Z]{3}$")


class ModelsPolicy(_Strict):
    """When a model is trained anew, and with how little history none is published.

    Attributes:
        retrain_after_days: age at which a stored model is replaced.
        label_window_days: days after a feature date in which a purchase counts.
        minimum_history_days: days of orders below which no model is published.
        minimum_training_rows: rows below which no model is published.
        minimum_positive_rows: rows with a purchase (and rows without) below which no model is published.
    """

    retrain_after_days: int = Field(ge=1)
    label_window_days: int = Field(ge=1)
    minimum_history_days: int = Field(ge=1)
    minimum_training_rows: int = Field(ge=1)
    minimum_positive_rows: int = Field(ge=1)


class PublishingPolicy(_Strict):
    """What is kept of what was published.

    Attributes:
        keep_last: how many published databases stay on disk, the present one included.
    """

    keep_last: int = Field(ge=1)


class Policies(_Strict):
    """All policies, one attribute a topic; the topic is the file's stem."""

    identity: IdentityPolicy
    link_decisions: LinkDecisionsPolicy
    money: MoneyPolicy
    models: ModelsPolicy
    operations: OperationsPolicy
    publishing: PublishingPolicy
    quality: QualityPolicy
    survivorship: SurvivorshipPolicy


def load_policies(folder: Path) -> Policies:
    """Return the policies of a folder that holds one `<topic>.yml` a topic; other files there belong to their stages.

    Raises:
        ConfigurationFaulty: a file is missing, no YAML mapping, or holds what its topic may not; the message lists all
            faults of all files.
    """
    faults: list[str] = []
    topics: dict[str, object] = {}
    for topic in Policies.model_fields:
        path = folder / f"{topic}.yml"
        if path.is_file():
            topics[topic] = _document(path, faults)
        else:
            faults.append(f"{path.name} is missing; the folder holds {_listed(folder)}")
    try:
        policies = Policies.model_validate(topics)
    except ValidationError as error:
        faults += [
            f"{fault['loc'][0]}.yml: {'.'.join(str(part) for part in fault['loc'][1:])} {fault['msg']}"
            for fault in error.errors()
            if isinstance(topics.get(str(fault["loc"][0])), dict)
        ]
        raise _error(folder, faults) from error
    if faults:
        raise _error(folder, faults)
    return policies


def _document(path: Path, faults: list[str]) -> object:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(f"{path.name} is no YAML: {' '.join(str(error).split())}")
        return None
    if not isinstance(document, dict):
        faults.append(f"{path.name} must hold names and values")
    return document


def _listed(folder: Path) -> str:
    return ", ".join(path.name for path in sorted(folder.glob("*.y*ml"))) or "no policy"


def _error(folder: Path, faults: list[str]) -> ConfigurationFaulty:
    way_out = f"Mend the files in {folder} and run again; nothing was read or written."
    return ConfigurationFaulty.of_faults("lake/policies", faults, way_out)
