"""Dagster's home folder with the project's `dagster.yaml`, the same for the command line and the web page."""

import json
from pathlib import Path
from string import Template

from orchestration.foundation.lake_io import write_bytes_atomically

_TEMPLATE = Path(__file__).resolve().parents[1] / "dagster.yaml"


def prepare_dagster_home(home: Path) -> Path:
    """Return `home`, made if it is missing and holding the project's `dagster.yaml` with its own path filled in."""
    quoted = json.dumps(str(home.resolve()), ensure_ascii=False)[1:-1]
    wanted = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(home=quoted).encode()
    present = home / "dagster.yaml"
    if not present.exists() or present.read_bytes() != wanted:
        write_bytes_atomically(present, wanted)
    return home
