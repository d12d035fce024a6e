"""Why a delivered file is refused whole, each reason with its evidence and its way out.

A record without shape is no error: it goes to quarantine. Messages name files, headers and counts, never cells.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

from orchestration.foundation.errors import GenomeError, some_of

_NOTHING = "nothing was landed"


class FileRefused(GenomeError):
    """A delivered file of which nothing may land.

    Attributes:
        reason_code: the refusal's code in the ledger.
    """

    reason_code: ClassVar[str] = "refused"


class FeedColumnsMissing(FileRefused):
    """A file without columns that its contract requires."""

    reason_code = "columns_missing"

    @classmethod
    def of(cls, file: str, missing: Sequence[str], found: Sequence[str], source: str) -> "FeedColumnsMissing":
        """Return the refusal of `file`, which has the headers `found` only, some of them columns of the contract."""
        return cls(
            f"{file} lacks {list(missing)} required by its contract; it has [{some_of(found, limit=20)}]. If the "
            f"vendor renamed the column, add an alias in lake/contracts/{source}.yml; {_NOTHING}."
        )

    @classmethod
    def because_none_is_known(cls, file: str, missing: Sequence[str], width: int) -> "FeedColumnsMissing":
        """Return the refusal of `file`, whose first record names no column of the contract and may be data."""
        return cls(
            f"{file} lacks {list(missing)} required by its contract: none of the {width} cells of its first record "
            f"names a column, so it may have no header, or belong to another feed. {_send_again('it with its header')}"
        )


class ColumnsUnknown(FileRefused):
    """A file with columns that its contract does not know, where the contract freezes them."""

    reason_code = "columns_unknown"

    @classmethod
    def of(cls, file: str, unknown: Sequence[str], source: str) -> "ColumnsUnknown":
        """Return the refusal of `file`, which has the columns `unknown`."""
        return cls(
            f"{file} has the columns [{some_of(unknown, limit=20)}], which its contract does not know, and the "
            f"contract says `on_drift: {{columns: freeze}}`. Add them, or aliases, in lake/contracts/{source}.yml, or "
            f"let it evolve, and run `genome replay`; {_NOTHING}."
        )


class CellsDrifted(FileRefused):
    """A file with cells that are not as agreed, of a kind that its contract freezes.

    Attributes:
        kind: as `on_drift` names it.
        found: what the file has, in words.
        mending: how the contract agrees to it, in words that `in` and the contract's file follow.
    """

    kind: ClassVar[str]
    found: ClassVar[str]
    mending: ClassVar[str]

    @classmethod
    def of(cls, file: str, evidence: Sequence[str], source: str) -> Self:
        """Return the refusal of `file`; `evidence` says of each column how many cells are what they should not be."""
        return cls(
            f"{file} has {cls.found} ({'; '.join(evidence)}), and the contract says `on_drift: "
            f"{{{cls.kind}: freeze}}`. {cls.mending} in lake/contracts/{source}.yml, or let them "
            f"evolve or be quarantined, and run `genome replay`; {_NOTHING}."
        )


class TypesDrifted(CellsDrifted):
    """A file with cells that cannot be read as the types of its contract, where the contract freezes them."""

    reason_code = "types_drifted"
    kind = "types"
    found = "cells of other types than agreed"
    mending = "State the type, format or decimal mark that they have"


class ValuesDrifted(CellsDrifted):
    """A file with values that its contract does not accept, where the contract freezes them."""

    reason_code = "values_drifted"
    kind = "values"
    found = "values that are not accepted"
    mending = "Accept them"


class HeaderUnusable(FileRefused):
    """A file whose header cannot tell its columns apart."""

    reason_code = "header_unusable"

    @classmethod
    def because_empty(cls, file: str) -> "HeaderUnusable":
        """Return the refusal of a file without a header."""
        return cls(f"{file} has no header record; its contract reads columns by name. {_send_again('a header')}")

    @classmethod
    def because_ambiguous(cls, file: str, headers: Sequence[str], column: str, source: str) -> "HeaderUnusable":
        """Return the refusal of a file in which several headers mean one column."""
        return cls(
            f"{file} has the headers {list(headers)}, which all mean the column {column!r}; one column may arrive "
            f"once. Remove the surplus one, or its alias in lake/contracts/{source}.yml; {_NOTHING}."
        )

    @classmethod
    def because_too_wide(cls, file: str, limit: int) -> "HeaderUnusable":
        """Return the refusal of a file with more columns, or keys in all its objects, than any feed has."""
        return cls(f"{file} has more than {limit} columns; it is no export of rows. {_ask()}")


class SheetUnclear(FileRefused):
    """A workbook of which it is not clear which sheet holds the rows."""

    reason_code = "sheet_unclear"

    @classmethod
    def of(cls, file: str, pattern: str, visible: Sequence[str], source: str) -> "SheetUnclear":
        """Return the refusal of `file`, whose visible sheets match the contract's pattern not exactly once."""
        return cls(
            f"{file} must have exactly one visible sheet named {pattern!r}; it has [{some_of(visible, limit=20)}]. "
            f"State its name as `spreadsheet: {{sheet: …}}` in lake/contracts/{source}.yml; {_NOTHING}."
        )


class FileUndecodable(FileRefused):
    """A file whose bytes are no text in the encoding that its contract states, or in any."""

    reason_code = "undecodable"

    @classmethod
    def as_stated(cls, file: str, encoding: str, offset: int, source: str) -> "FileUndecodable":
        """Return the refusal of a file that is not in the stated encoding."""
        return cls(
            f"{file} is no {encoding} text: the bytes at or after {offset} cannot be read. State the encoding it has, "
            f"or `detect`, in lake/contracts/{source}.yml; {_NOTHING}."
        )

    @classmethod
    def by_detection(cls, file: str) -> "FileUndecodable":
        """Return the refusal of a file for which no encoding was found."""
        return cls(f"{file} is text in no encoding that could be detected. {_ask()}")


class FileNotOfFormat(FileRefused):
    """A file that is not in the format of its feed."""

    reason_code = "not_the_format"

    @classmethod
    def of(cls, file: str, stated: str, evidence: str) -> "FileNotOfFormat":
        """Return the refusal of a file that is no `stated` file."""
        return cls(f"{file} is no {stated} file: {evidence}. {_send_again(f'a whole {stated} file')}")

    @classmethod
    def because_no_record(cls, file: str, record: str, source: str) -> "FileNotOfFormat":
        """Return the refusal of a file of elements of which none is a record as the contract names them."""
        return cls(
            f"{file} has no element {record!r}, though it has others. If the vendor renamed it, state the name or path "
            f"that it has in lake/contracts/{source}.yml; {_NOTHING}."
        )


class FileUnreadable(FileRefused):
    """A compressed file that does not unpack."""

    reason_code = "not_unpackable"

    @classmethod
    def because_damaged(cls, file: str, compression: str, evidence: str) -> "FileUnreadable":
        """Return the refusal of a packed file that is cut off or damaged."""
        return cls(f"{file} does not unpack as {compression}: {evidence}. {_send_again('it')}")

    @classmethod
    def because_not_one(cls, file: str, members: int) -> "FileUnreadable":
        """Return the refusal of a zip archive that does not hold exactly one file."""
        return cls(
            f"{file} is a zip archive of {members} files; a delivery is one file, so that each has its own ledger and "
            f"is sent again on its own. Ask the vendor to pack each file by itself; {_NOTHING}."
        )

    @classmethod
    def because_encrypted(cls, file: str) -> "FileUnreadable":
        """Return the refusal of a zip archive that needs a password."""
        return cls(
            f"{file} is a zip archive with a password, and none is kept here. Ask the vendor to send it without one, "
            f"over a channel that is encrypted itself; {_NOTHING}."
        )

    @classmethod
    def because_bomb(cls, file: str, packed: int, unpacked: int) -> "FileUnreadable":
        """Return the refusal of a packed file that grows beyond all measure."""
        return cls(f"{file} unpacks {packed} bytes to more than {unpacked}: no table packs so well. {_ask()}")

    @classmethod
    def because_sparse(cls, file: str, evidence: str) -> "FileUnreadable":
        """Return the refusal of a workbook whose cells are spread beyond all measure."""
        return cls(f"{file} cannot be read: {evidence}, which no table does. {_ask()}")


class NameUnsafe(FileRefused):
    """An inbox entry that is no plain file with a plain name."""

    reason_code = "name_unsafe"

    @classmethod
    def because_of_characters(cls, file: str) -> "NameUnsafe":
        """Return the refusal of a name with control or undecodable characters."""
        return cls(f"{file} has control or undecodable characters in its name. Rename it and drop it in again.")

    @classmethod
    def because_no_file(cls, file: str, kind: str) -> "NameUnsafe":
        """Return the refusal of a link (symbolic or hard), folder or device."""
        return cls(f"{file} is a {kind}; only regular files directly in a source's folder are read. {_ask()}")


class FeedUnknown(FileRefused):
    """An inbox file that no feed's pattern claims."""

    reason_code = "no_feed"

    @classmethod
    def in_source(cls, file: str, source: str, patterns: Sequence[str]) -> "FeedUnknown":
        """Return the refusal of a file that matches none of its source's patterns."""
        return cls(
            f"{file} matches no file_pattern of {source}; there are [{some_of(patterns, limit=20)}]. Rename the file, "
            f"or state its feed in lake/contracts/{source}.yml, and drop it in again; {_NOTHING}."
        )

    @classmethod
    def without_contract(cls, file: str, source: str, sources: Sequence[str]) -> "FeedUnknown":
        """Return the refusal of a file whose folder has no contract."""
        return cls(
            f"{file} lies in a folder without a contract; there are [{some_of(sources, limit=20)}]. Write "
            f"lake/contracts/{source}.yml and drop the file in again; {_NOTHING}."
        )


class LedgerUnbalanced(GenomeError):
    """A file of which records were lost or invented between its bytes and the lake."""

    @classmethod
    def of(cls, file: str, records: int, landed: int, quarantined: int) -> "LedgerUnbalanced":
        """Return the fault of one file, with the three counts that disagree."""
        return cls(
            f"{file} holds {records} records by the independent count, but {landed} were landed and {quarantined} "
            f"quarantined ({landed + quarantined - records:+d}). The file stays in the inbox and {_NOTHING}; report "
            "it with the file: this is a fault of the reader, not of the vendor."
        )


class FilesRefused(GenomeError):
    """Files of a feed whose contract lets no refused file pass."""

    @classmethod
    def of(cls, feed: str, messages: Sequence[str]) -> "FilesRefused":
        """Return the stop of a feed with `on_refused_file: stop`."""
        listed = "\n".join(f"  - {message}" for message in messages)
        return cls(f"{feed} stops at a refused file, and {len(messages)} were refused:\n{listed}")


def _send_again(what: str) -> str:
    return f"Ask the vendor to send {what} again; {_NOTHING}."


def _ask() -> str:
    return f"Ask whoever put it there what it is; {_NOTHING}."
