"""`python -m tests.support.measured_landing <lake>`: lands what waits there and prints what it cost.

A process of its own, since the peak of memory is one of the whole process.
"""

import json
import re
import sys
import time
from pathlib import Path

from orchestration.foundation.lake_io import Lake
from tests.support.inboxes import Inbox, contract


def _peak_bytes() -> int:
    """The peak of this program: what `resource` tells counts the one that started it as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def main() -> None:
    inbox = Inbox(Lake(Path(sys.argv[1])), contract(format="detect"))
    begun = time.process_time()
    report = inbox.land()
    cost = {"cpu_seconds": time.process_time() - begun, "peak_bytes": _peak_bytes()}
    files = {
        landing.file_name: {
            "codes": [
                *([landing.reason_code] if landing.reason_code else []),
                *(row["reason_code"] for row in inbox.quarantine() if row["_file"] == landing.file_name),
            ],
            "landed_count": landing.landed_count,
        }
        for landing in report.files
    }
    sys.stdout.write(json.dumps({**cost, "files": files}))


if __name__ == "__main__":
    main()
