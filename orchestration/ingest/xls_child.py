"""Reads one sheet of an old workbook in a process of its own, which damaged bytes may end.

XLS has no checksums, and the library that reads its cells ends its process where damaged bytes state sizes beyond all
memory. Run as `python -m orchestration.ingest.xls_child`, with a JSON object on standard input: the workbook's `path`,
the `sheet`, and the `target` for the cells' texts as JSON. Its exit code is 1 when the sheet cannot be read;
standard output then says why.
"""

import json
import resource
import sys
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from orchestration.ingest.workbook_cells import texts_of

EXIT_UNREAD = 1
_MEMORY_BYTES = 4 << 30


def main() -> int:
    """Return the exit code after writing the sheet's texts: 0, or 1 when it cannot be read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    asked = json.load(sys.stdin)
    try:
        sheet = CalamineWorkbook.from_path(asked["path"]).get_sheet_by_name(asked["sheet"])
        rows = texts_of(sheet.to_python(skip_empty_area=False))
    except CalamineError as error:
        sys.stdout.write(str(error)[:200])
        return EXIT_UNREAD
    Path(asked["target"]).write_text(json.dumps(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
