"""The rows of an old workbook's sheet as text, read by `xls_child` so that no damaged file ends this process."""

import json
import subprocess
import sys
from pathlib import Path

from orchestration.ingest.counting_xls import NotAnXls
from orchestration.ingest.workbook_cells import Texts

_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_CHILD = ("-m", "orchestration.ingest.xls_child")
_SECONDS = 300


def xls_rows(path: Path, sheet: str, work: Path) -> list[Texts]:
    """Return the texts of all places of a sheet, from its first to its last filled row and column.

    Args:
        path: the workbook.
        sheet: its name.
        work: private folder for what is needed meanwhile.

    Raises:
        NotAnXls: the sheet cannot be read.
    """
    target = work / "sheet.json"
    asked = {"path": str(path.absolute()), "sheet": sheet, "target": str(target.absolute())}
    command = [sys.executable, *_CHILD]
    try:
        ended = subprocess.run(  # noqa: S603 - the command is ours; what comes from outside goes to its input
            command,
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=_SECONDS,
            cwd=_PROJECT_ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotAnXls(f"its sheet was not read within {_SECONDS} seconds") from error
    if ended.returncode != 0:
        reason = ended.stdout.decode(errors="replace") or f"its reader ended with exit code {ended.returncode}"
        raise NotAnXls(f"its sheet cannot be read: {reason}")
    rows: list[Texts] = json.loads(target.read_bytes())
    return rows
