"""`genome feed new`: from a file to its contract and staging, tried in a lake of its own before anything is written."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import duckdb
from rich.console import Console
from rich.table import Table

from orchestration.foundation import clock
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contract_sources import macro_path, sources_path, write_sources
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake, create_views, view_name, write_bytes_atomically
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import Settings
from orchestration.ingest.landing import land_feed
from orchestration.ingest.ledger import FileLanding
from orchestration.ingest.probing import FileFacts, probe
from orchestration.ingest.quarantine import QUARANTINE_TABLE
from orchestration.profiles.columns import profile_columns
from orchestration.profiles.keys import found_key
from orchestration.profiles.meanings import meaning_of
from orchestration.profiles.naming import snake_case
from orchestration.profiles.proposal import (
    FileLooks,
    ProposedColumn,
    columns_of_headers,
    contract_document,
    contract_yaml,
    key_candidates,
)
from orchestration.profiles.staging import staging_files

_RUN = "feed-new"
_UNMATCHED = "column that no file has"


class FeedNotProposed(GenomeError):
    """A file of which no contract can be proposed."""

    @classmethod
    def because_refused(cls, reason: str) -> "FeedNotProposed":
        """Return the error for a file that no reader can read."""
        return cls(f"no contract can be proposed: {reason}")

    @classmethod
    def because_no_file(cls, path: Path) -> "FeedNotProposed":
        """Return the error for a path that leads to no regular file."""
        return cls(f"{path} is no regular file; give the path of one file as the vendor delivers it.")

    @classmethod
    def because_nameless(cls, name: str) -> "FeedNotProposed":
        """Return the error for a file whose headers name no column."""
        return cls(f"{name} has no header that names a column; send it with a header row.")

    @classmethod
    def because_there(cls, path: Path) -> "FeedNotProposed":
        """Return the error for a file of the project that would be written over."""
        return cls(f"{path} is there already and is not written over. State another --source or --feed.")


@dataclass(frozen=True)
class FeedProposal:
    """What `genome feed new` found out about a file, and what it proposes.

    Attributes:
        source: name of the source.
        feed: name of the feed.
        contract: text of `lake/contracts/<source>.yml`.
        staging: text of each staging file, by its path inside the dbt project.
        columns: what was found in each column.
        landing: what became of the file under the proposed contract, in a lake of its own.
        quarantined: records by reason code that would be quarantined.
    """

    source: str
    feed: str
    contract: str
    staging: Mapping[PurePosixPath, str]
    columns: tuple[ProposedColumn, ...]
    landing: FileLanding
    quarantined: Mapping[str, int]


def new_feed(  # noqa: PLR0913 - what a person may say of a file
    settings: Settings, *, console: Console, path: Path, source: str | None, feed: str | None, write: bool
) -> None:
    """Print the contract and the staging that a file leads to and what would be quarantined; write them when asked.

    Raises:
        FeedNotProposed: the file cannot be read, or what would be written is there already.
    """
    proposal = propose_feed(settings, path, source=source, feed=feed)
    _print_columns(proposal, console)
    _print_landing(proposal, console)
    files = {settings.contracts_dir / f"{proposal.source}.yml": proposal.contract}
    files |= {settings.dbt_dir / name: text for name, text in proposal.staging.items()}
    if not write:
        for target, text in files.items():
            console.print(f"\n[bold]{target}[/]", soft_wrap=True)
            console.print(text, markup=False, soft_wrap=True)
        console.print("Nothing was written. Run it again with --write, then read what it wrote.")
        return
    _write(settings, proposal.source, files, console)
    console.print(
        f"Read the contract, add '{proposal.source}__{proposal.feed}' to models/staging/ledger/int_rows_judged.sql, "
        f"drop files into inbox/{proposal.source}/, and run `genome night`.",
        soft_wrap=True,
    )


def propose_feed(settings: Settings, path: Path, *, source: str | None, feed: str | None) -> FeedProposal:
    """Return what a file is proposed to become; nothing but a temporary folder is written.

    Args:
        settings: limits and the time zone.
        path: the file.
        source: name of the source; after the file's folder when left out.
        feed: name of the feed; after the file's name when left out.

    Raises:
        FeedNotProposed: the file cannot be read.
        ConfigurationFaulty: a stated name cannot name a source or feed.
    """
    if not path.is_file():
        raise FeedNotProposed.because_no_file(path)
    source = source or snake_case(path.absolute().parent.name, otherwise="source")
    feed = feed or snake_case(path.name.partition(".")[0].rstrip("0123456789-_ "), otherwise="feed")
    with TemporaryDirectory(prefix="genome-feed-") as folder:
        return _Trial(settings, path, source, feed, Path(folder)).proposal()


@dataclass(frozen=True)
class _Trial:
    """A file that is tried in a folder of its own."""

    settings: Settings
    path: Path
    source: str
    feed: str
    folder: Path

    def proposal(self) -> FeedProposal:
        facts, headers = self._facts()
        draft = self._draft(facts, headers)
        lake, _ = self._landed(draft, "draft")
        looks = FileLooks(self.path.name, _stated(facts), self.settings.timezone)
        with duckdb.connect() as connection:
            limits = self._limits
            connection.execute("set memory_limit = $1", [limits.memory_limit])
            connection.execute("set threads = $1", [limits.threads])
            create_views(connection, lake, {draft.table: raw_schema(draft)})
            place = view_name(draft.table)
            profiles = profile_columns(connection, *place, list(headers))
            columns = tuple(ProposedColumn(p.name, headers[p.name], p, meaning_of(p)) for p in profiles)
            key = found_key(connection, *place, key_candidates(columns))
        contract = contract_yaml(contract_document(self.source, self.feed, looks, columns, key))
        agreed = self._loaded(contract)
        lake, landing = self._landed(agreed, "agreed")
        staging = staging_files(self.source, self.feed, columns, key, timezone=self.settings.timezone)
        return FeedProposal(self.source, self.feed, contract, staging, columns, landing, _quarantined(lake))

    @property
    def _limits(self) -> DuckdbLimits:
        return DuckdbLimits(self.settings.duckdb_memory_limit, self.settings.duckdb_threads)

    def _facts(self) -> tuple[FileFacts, dict[str, str]]:
        """Return what the file is, and its headers by the name that their column gets."""
        blank = self._draft(FileFacts("csv"), {"column": _UNMATCHED})
        try:
            facts = probe(self.path, blank, self.folder / "probe")
        except GenomeError as refusal:
            raise FeedNotProposed.because_refused(str(refusal)) from refusal
        headers = list(facts.headers)
        if not headers:  # only the records tell: none of them is known to a contract of another column
            _, landing = self._landed(self._draft(facts, {"column": _UNMATCHED}), "headers")
            headers = list(landing.unknown_columns)
        named = columns_of_headers(headers)
        if not named:
            raise FeedNotProposed.because_nameless(self.path.name)
        return facts, named

    def _draft(self, facts: FileFacts, headers: Mapping[str, str]) -> FeedContract:
        """Return the contract under which all columns land, of which nothing is known yet."""
        says = {"type": "text", "pii": "direct", "purpose": "to be profiled", "description": "As delivered."}
        return FeedContract.model_validate(
            {
                "source": self.source,
                "name": self.feed,
                "description": "One row per record of the file.",
                "file_pattern": "*",
                "delivery": "events",
                "duplicate_rule": "exact_row",
                "retention_days": 1,
                **_stated(facts),
                "columns": {name: {**says, "aliases": [header]} for name, header in headers.items()},
            }
        )

    def _landed(self, feed: FeedContract, name: str) -> tuple[Lake, FileLanding]:
        """Return the lake in which the file landed, and what became of it there."""
        lake = Lake(self.folder / name)
        inbox = lake.root / "inbox" / self.source
        inbox.mkdir(parents=True)
        shutil.copyfile(self.path, inbox / self.path.name)
        timezone, limits = self.settings.timezone, self._limits
        report = land_feed(lake, feed, run_id=_RUN, ingested_at=clock.utc_now(), timezone=timezone, limits=limits)
        if not report.files or report.refused:
            reason = report.refused[0].reason_text if report.refused else f"{feed.file_pattern} does not match it"
            raise FeedNotProposed.because_refused(reason)
        return lake, report.files[0]

    def _loaded(self, contract: str) -> FeedContract:
        folder = self.folder / "contracts"
        folder.mkdir()
        (folder / f"{self.source}.yml").write_text(contract, encoding="utf-8")
        return load_contracts(folder)[self.source].feeds[self.feed]


def _stated(facts: FileFacts) -> dict[str, object]:
    stated: dict[str, object] = {"format": facts.format}
    if facts.delimiter:
        stated["delimiter"] = facts.delimiter
    if facts.encoding:
        stated["encoding"] = facts.encoding
    if facts.sheet:
        sheet = facts.sheet.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
        stated["spreadsheet"] = {"sheet": sheet, **({"totals_labels": list(facts.totals)} if facts.totals else {})}
    if facts.records:
        stated["records"] = facts.records
    if facts.record:
        stated["xml"] = {"record": facts.record, **({"lists": list(facts.lists)} if facts.lists else {})}
    return stated


def _quarantined(lake: Lake) -> dict[str, int]:
    reasons = lake.read_table(QUARANTINE_TABLE, LAKE_TABLES[QUARANTINE_TABLE].schema)["reason_code"]
    return dict(Counter(str(reason) for reason in reasons.to_pylist()))


def _write(settings: Settings, source: str, files: Mapping[Path, str], console: Console) -> None:
    for target in files:
        if target.exists():
            raise FeedNotProposed.because_there(target)
    for target, text in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomically(target, text.encode())
    write_sources(load_contracts(settings.contracts_dir), settings.dbt_dir)
    for target in [*files, sources_path(settings.dbt_dir, source), macro_path(settings.dbt_dir)]:
        console.print(f"wrote {target}", soft_wrap=True)


def _print_columns(proposal: FeedProposal, console: Console) -> None:
    table = Table(title=f"{proposal.source}/{proposal.feed}", title_justify="left", box=None)
    for title in ("column", "looks like", "personal", "empty", "distinct", "not readable", "most frequent shapes"):
        table.add_column(title, overflow="fold")
    for column in proposal.columns:
        profile, meaning = column.profile, column.meaning
        shapes = ", ".join(list(profile.patterns)[:2]) if meaning.pii == "none" else ""
        formats = f" {' or '.join(meaning.formats)}" if meaning.formats else ""
        table.add_row(
            column.name,
            meaning.kind + formats,
            meaning.pii,
            f"{profile.empty_share:.1%}",
            f"{profile.distinct_count:,}",
            f"{meaning.unread_count:,}",
            shapes,
        )
    console.print(table)
    for column in proposal.columns:
        if column.meaning.doubt:
            console.print(f"  {column.name}: {column.meaning.doubt}", markup=False, soft_wrap=True)


def _print_landing(proposal: FeedProposal, console: Console) -> None:
    landing = proposal.landing
    console.print(
        f"{landing.file_name}: {landing.records_count:,} records, {landing.landed_count:,} would land, "
        f"{landing.quarantined_count:,} would be quarantined.",
        markup=False,
        soft_wrap=True,
    )
    for reason, count in proposal.quarantined.items():
        console.print(f"  {reason}: {count:,}", markup=False)
    if landing.unknown_columns:
        console.print(f"  kept in _extras: {', '.join(landing.unknown_columns)}", markup=False, soft_wrap=True)
