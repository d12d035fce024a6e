"""What each dbt block was last built with, its rules and what lies before it, so that a night redoes what is new.

A block's tables are a function of its rules and of what the block before it built, the first block's of the files that
landed. While the rules are those of its last whole build, only keys can differ that are new since: the view
`build_state.files_touched` shows the files that landed since the first block's last whole build, models named
`…_touched` turn these files into keys, and incremental models replace the rows of those keys and no other. In every
other case a block is built in full: its rules changed, its last build was cut off or a test refused it, somebody built
a part of it by hand, the block before it was built in between without it, a file is gone, or it landed again.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration.foundation.connections import DuckdbLimits, connect

BLOCKS = ("block_staging", "block_customer", "block_insight", "block_serving")
"""The blocks in the order in which a night builds them."""

_STATE = """
create schema if not exists build_state;
create table if not exists build_state.block_builds (
    block varchar primary key, build_number bigint, upon_number bigint, version varchar, is_whole boolean
);
create table if not exists build_state.files_staged (source varchar, feed varchar, file_sha256 varchar);
alter table build_state.files_staged add column if not exists landed_by varchar;
create or replace view build_state.files_landed as
select distinct source, feed, file_sha256, _run_id as landed_by from lake_ledger.files where file_fate = 'landed';
create or replace view build_state.files_touched as
select source, feed, file_sha256
from (select * from build_state.files_landed except select * from build_state.files_staged)
"""
_FORGET_WHEN_FILES_ARE_GONE_OR_REPLAYED = """
update build_state.block_builds set is_whole = false
where exists (select * from build_state.files_staged except select * from build_state.files_landed)
"""
_IS_BUILT_UPON = """
select count(*) > 0
from build_state.block_builds as mine
left join build_state.block_builds as before on before.block = $before
where mine.block = $block and mine.version = $version and mine.is_whole
and ($before is null or (before.is_whole and mine.upon_number >= before.build_number - 1))
"""
_BEGIN = "update build_state.block_builds set is_whole = false where block = $block"
_END = """
insert or replace into build_state.block_builds
select
    $block,
    coalesce(max(build_number) filter (where block = $block), 0) + 1,
    max(build_number) filter (where block = $before),
    $version,
    true
from build_state.block_builds
"""
_KEEP_FILES = """
delete from build_state.files_staged;
insert into build_state.files_staged select * from build_state.files_landed
"""


def show_files_touched(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view `build_state.files_touched`: one row per landed file that no whole first block was built upon yet.

    Columns: `source`, `feed`, `file_sha256`.

    Args:
        connection: a writable connection to the warehouse that sees `lake_ledger.files` as the night pinned it.
    """
    connection.execute(_STATE)


def rules_version(*parts: str) -> str:
    """Return what tells these rules from others: a sha256 over all that decides what the same files become."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def begin_block(
    warehouse: Path, *, block: str, version: str, selection: Sequence[str], limits: DuckdbLimits
) -> list[str]:
    """Return the arguments of `dbt build` for a block: by touched keys where the state allows it, else in full.

    From here on the block does not count as whole, until `end_block`.

    Args:
        warehouse: the database that dbt writes, with the views of the night's pin.
        block: one of `BLOCKS`.
        version: what tells the rules of now from others.
        selection: dbt selectors of what to build of the block.
        limits: memory and threads of the connection.
    """
    with connect(warehouse, limits, read_only=False) as connection:
        connection.execute(_FORGET_WHEN_FILES_ARE_GONE_OR_REPLAYED)
        asked = {"block": block, "before": _before(block), "version": version}
        [(is_built_upon,)] = connection.execute(_IS_BUILT_UPON, asked).fetchall()
        connection.execute(_BEGIN, {"block": block})
    in_full = [] if is_built_upon else ["--full-refresh"]
    return ["build", "--select", *selection, "--exclude-resource-type", "unit_test", *in_full]


def end_block(warehouse: Path, *, block: str, version: str, limits: DuckdbLimits) -> None:
    """Record that the whole block was built by these rules, upon the last build of the block before it."""
    with connect(warehouse, limits, read_only=False) as connection:
        connection.begin()
        connection.execute(_END, {"block": block, "before": _before(block), "version": version})
        if block == BLOCKS[0]:
            connection.execute(_KEEP_FILES)
        connection.commit()


def _before(block: str) -> str | None:
    number = BLOCKS.index(block)
    return BLOCKS[number - 1] if number else None
