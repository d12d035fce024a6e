"""One night's landing: every feed's files, then what no feed claims; a feed may say that a refused file stops it."""

from datetime import datetime

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_io import Lake
from orchestration.ingest.landing import LandingReport, land_feed, refuse_unclaimed, require_none_refused
from orchestration.ingest.replay import end_replay

UNCLAIMED = ""


def land_everything(  # noqa: PLR0913 - a landing has this many circumstances
    lake: Lake,
    contracts: Contracts,
    *,
    run_id: str,
    ingested_at: datetime,
    timezone: str,
    limits: DuckdbLimits,
) -> dict[str, LandingReport]:
    """Return the landing report of every feed, by raw table, and under `UNCLAIMED` that of all other inbox entries.

    A replay that was cut off is ended first.

    Args:
        lake: where the inbox, the archive and the tables are.
        contracts: all contracts.
        run_id: the run that lands.
        ingested_at: zone-aware instant of the landing.
        timezone: IANA zone in which the arrival day is counted.
        limits: what DuckDB may take for one file.

    Raises:
        LedgerUnbalanced: records of a file were lost or invented; it stays in the inbox.
        FilesRefused: a feed's contract says `on_refused_file: stop` and a file of it was refused; all others landed.
    """
    end_replay(lake, contracts, run_id=run_id, at=ingested_at, limits=limits)
    reports = {
        feed.table: land_feed(lake, feed, run_id=run_id, ingested_at=ingested_at, timezone=timezone, limits=limits)
        for feed in contracts.feeds()
    }
    for feed in contracts.feeds():
        require_none_refused(reports[feed.table], feed)
    unclaimed = refuse_unclaimed(lake, contracts, run_id=run_id, ingested_at=ingested_at, timezone=timezone)
    return {**reports, UNCLAIMED: unclaimed}
